"""Where a dataset's records come from: fitted photos, position maps, turned heads, relabelling."""
