"""Photos that come with face520; CREDITS.md says whose they are."""

from pathlib import Path

DEMO_PHOTO = Path(__file__).with_name("astronaut.jpg")
