"""What kind of file a path leads to, and how the picture in it stands."""
