"""What a path leads to: the kind of file, how its picture stands, the revision of its checkout."""
