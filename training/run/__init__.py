"""One training run: its folder, its start, its epochs, its weights."""
