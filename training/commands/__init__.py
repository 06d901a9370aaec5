"""`face520-train`, a command a file."""
