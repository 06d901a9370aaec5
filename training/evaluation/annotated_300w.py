"""Folders in 300W's format: photos with the 68 landmarks that people placed beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.files.input_files import input_files
from edge_runtime.image_file import read_image
from training.errors import EvaluationError
from training.fitting.landmark_annotation import read_pts

# 300W's own files, and bare lists of 68 points, which HELEN is also passed on with.
SUFFIXES = (".pts", ".txt")


@dataclass(frozen=True, eq=False)
class Photo300w:
    """A photo and the landmarks (68, 2) that people placed, in its px; the jaw is the outline."""

    path: Path
    landmarks68: FloatArray

    def image(self) -> Uint8Image:
        """The RGB photo (H, W, 3)."""
        return read_image(self.path)


def is_300w(folder: Path) -> bool:
    """Whether a folder has landmarks as 300W has them, rather than AFLW2000-3D's `.mat`."""
    if any(folder.glob("*.mat")):
        return False
    return any(_annotation(photo) for photo in input_files([folder]).images)


def read_300w(folder: Path) -> tuple[Photo300w, ...]:
    """Every photo in and below a folder with its landmarks; none is left out.

    Raises EvaluationError, LandmarkAnnotationError.
    """
    photos = input_files([folder]).images
    if not photos:
        raise EvaluationError(f"{folder}: holds no photo. Give a folder of 300W, LFPW or HELEN.")
    read = []
    for photo in photos:
        path = _annotation(photo)
        if path is None:
            raise EvaluationError(
                f"{photo}: no {photo.stem}.pts beside it, the 68 landmarks as 300W writes them, "
                f"nor a bare list {photo.stem}.txt. Move photos without landmarks elsewhere."
            )
        read.append(Photo300w(photo, read_pts(path).points))
    return tuple(read)


def _annotation(photo: Path) -> Path | None:
    paths = (photo.with_suffix(suffix) for suffix in SUFFIXES)
    return next((path for path in paths if path.is_file()), None)
