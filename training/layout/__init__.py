"""Which 520 points of a position map are the landmarks."""
