"""The network and what it is trained by: regressor, losses, metric, standardisation."""
