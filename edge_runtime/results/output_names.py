"""Where results of many photos go, so that none overwrites another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def output_stems(images: Sequence[Path]) -> list[str]:
    """One stem per image, all different: `photo`, or `photo_png` and `photo_jpg`, or `photo_2`.

    They are UTF-8 whatever the images' names are, since results name one another.

    Comparison ignores case, since some file systems do.
    """
    counts = Counter(image.stem.casefold() for image in images)
    taken: set[str] = set()
    stems = []
    for image in images:
        stem = image.stem
        if counts[stem.casefold()] > 1 and image.suffix:
            stem = f"{stem}_{image.suffix[1:]}"
        stem = readable_name(stem)
        unique, number = stem, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{stem}_{number}"
        taken.add(unique.casefold())
        stems.append(unique)
    return stems


def readable_name(name: str) -> str:
    """A file's name as text; bytes that are not UTF-8 become %E9 and the like."""
    return "".join(
        f"%{ord(letter) - 0xDC00:02X}" if 0xDC80 <= ord(letter) <= 0xDCFF else letter
        for letter in name
    )
