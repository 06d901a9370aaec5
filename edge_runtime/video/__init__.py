"""Frames in and frames out: files, cameras, pipes, and the threads between them."""
