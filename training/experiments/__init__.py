"""One file per experiment; its docstring holds command, hardware, time and score."""
