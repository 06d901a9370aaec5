"""Faces over time: detect once, follow, smooth, and notice when a face is gone."""
