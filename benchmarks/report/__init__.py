"""A report of measurements: the record, its page, its figures, the regression check."""
