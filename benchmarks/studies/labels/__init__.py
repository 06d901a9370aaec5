"""Studies of the labels themselves: how open eyes and mouths are, and how far to trust them."""
