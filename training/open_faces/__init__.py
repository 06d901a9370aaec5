"""204 photos of 102 people that may be passed on; CREDITS.md says whose they are."""

from pathlib import Path

from training.dataset.data_source import Statement

# A folder a person, so that what is held out is held out by person.
OPEN_PHOTOS = Path(__file__).with_name("photos")
OPEN_POINTS68 = Path(__file__).with_name("points68.npz")
OPEN_STATEMENT = Statement(
    source="Face Research Lab London Set, doi:10.6084/m9.figshare.5047666.v5",
    licence="CC BY 4.0",
    stated_by="the set's page",
)


def open_photos() -> list[Path]:
    """All photos, in one order everywhere."""
    return sorted(OPEN_PHOTOS.glob("*/*.jpg"))
