"""`face520-convert`, a command a file."""
