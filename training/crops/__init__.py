"""Records -> augmented crops and standardised targets, made by worker processes."""
