"""What was found, as files: JSON, NPZ, CSV, OBJ, PLY."""
