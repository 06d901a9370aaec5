"""Time: engines, interleaving, distributions, ratios, children that are timed."""
