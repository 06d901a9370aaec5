"""The weights that a run begins with: a trained model's, made narrower, wider or shorter."""
