"""A model's scores: AFLW2000-3D, held-out faces, presence, and the pictures of them."""
