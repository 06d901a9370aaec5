"""The Android demo, and what of it is written in Python: golden vectors for its tests."""
