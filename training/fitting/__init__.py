"""Photos of one's own -> 68 landmarks -> a fitted morphable model."""
