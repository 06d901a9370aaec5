"""The morphable face model, and position maps of its surface."""
