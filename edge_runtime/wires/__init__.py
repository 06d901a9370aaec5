"""Faces for other programs, a datagram a frame: JSON lines, and VMC for avatars."""
