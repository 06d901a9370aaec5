"""The commands of face520-bench, one per file."""
