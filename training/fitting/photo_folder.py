"""A folder of photos: the faces found in it, and why others are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from math import hypot
from pathlib import Path
from typing import Protocol

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import Box
from edge_runtime.errors import ImageReadError
from edge_runtime.files.input_files import LeftOut, input_files
from edge_runtime.image_file import read_image
from training.errors import LandmarkAnnotationError, PhotoFolderError
from training.fitting.face_finder import SeenFace
from training.fitting.landmark_annotation import (
    ANNOTATION_SUFFIXES,
    LandmarkAnnotation,
    annotation_beside,
)
from training.hold_out import held_out_by_hash

HELD_OUT_SHARE = 1 / 10
# Why a file is not looked at, and what to do about it.
NO_PHOTO = {
    LeftOut.VIDEO: ("a video", "save the frames that you want as photos"),
    LeftOut.OWN: ("drawn by face520-run", "fit the photo that it was drawn on"),
    LeftOut.OTHER: ("no image", "save it as JPEG, PNG or WebP if it is a photo"),
    LeftOut.LINK: ("a link to a folder", "give that folder, or copy it here"),
    LeftOut.CLOSED: ("a folder that cannot be read", "check its permissions"),
}


class Finder(Protocol):
    """What finds faces: `FaceFinder`, or a stand-in."""

    def find(self, image: Uint8Image) -> list[SeenFace]:
        """Faces in an RGB image (H, W, 3)."""
        ...


@dataclass(frozen=True)
class Rejection:
    """A photo, or a face in it, that is left out: the rule, and how this one breaks it."""

    photo: Path
    reason: str
    detail: str


@dataclass(frozen=True, eq=False)
class FoundFace:
    """A face of a photo: what was seen of it, in px, and the annotation that lies on it."""

    photo: Path
    number: int  # in its photo, from 1
    width_px: int  # of the photo
    height_px: int
    seen: SeenFace
    annotation: LandmarkAnnotation | None


@dataclass(frozen=True)
class PhotoFolder:
    """The photos in and below a folder, and every other file but annotations of these photos."""

    photos: tuple[Path, ...]
    left_out: tuple[Rejection, ...]

    @classmethod
    def search(cls, folder: Path, leave_out: Path) -> PhotoFolder:
        """Look everywhere except below leave_out; raises PhotoFolderError."""
        if not folder.is_dir():
            raise PhotoFolderError(
                f"{folder}: no such folder. Give the folder that holds the photos."
            )
        files = input_files([folder], leave_out)
        if not files.images:
            raise PhotoFolderError(
                f"{folder}: holds no photo (.jpg, .png, .webp ...), nor do the folders in it."
            )
        annotated = {photo.with_suffix("") for photo in files.images}
        left_out = []
        for reason, paths in files.left_out.items():
            for path in paths:
                is_annotation = path.suffix.lower() in ANNOTATION_SUFFIXES
                if not is_annotation:
                    left_out.append(Rejection(path, *NO_PHOTO[reason]))
                elif path.with_suffix("") not in annotated:
                    detail = "no photo of that name lies beside it"
                    left_out.append(Rejection(path, "annotation without a photo", detail))
        return cls(tuple(files.images), tuple(left_out))


def find_faces(
    photos: Sequence[Path], finder: Finder, on_photo: Callable[[], None]
) -> tuple[list[FoundFace], list[Rejection]]:
    """Look at every photo; a file that cannot be read is rejected and stops nothing."""
    faces: list[FoundFace] = []
    rejections: list[Rejection] = []
    for photo in photos:
        try:
            found = faces_of(photo, finder)
        except ImageReadError as error:
            rejections.append(Rejection(photo, "unreadable photo", str(error)))
        except LandmarkAnnotationError as error:
            rejections.append(Rejection(photo, "unreadable annotation", str(error)))
        else:
            faces += found
            if not found:
                rejections.append(Rejection(photo, "no face found", "neither near nor far"))
        on_photo()
    return faces, rejections


def held_out_photos(
    folder: Path, photos: Sequence[Path], folder_is_person: bool = False
) -> set[Path]:
    """A tenth of the photos for validation, by a hash of their place in the folder, at least one.

    So all faces of a photo lie on one side, and stay there when photos are added; where each folder
    holds one person's photos, all of theirs do.
    """
    places = [photo.parent if folder_is_person else photo for photo in photos]
    names = [place.relative_to(folder).as_posix() for place in places]
    return set(compress(photos, held_out_by_hash(names, HELD_OUT_SHARE)))


def faces_of(photo: Path, finder: Finder) -> list[FoundFace]:
    """The faces of one photo; raises ImageReadError or LandmarkAnnotationError."""
    image = read_image(photo)
    annotation = annotation_beside(photo)
    seen = finder.find(image)
    # One annotation belongs to one face, the one it lies on.
    annotated = _nearest(seen, annotation) if annotation is not None and seen else -1
    height_px, width_px = image.shape[:2]
    return [
        FoundFace(
            photo, index + 1, width_px, height_px, face, annotation if index == annotated else None
        )
        for index, face in enumerate(seen)
    ]


def _nearest(faces: Sequence[SeenFace], annotation: LandmarkAnnotation) -> int:
    center_x, center_y = Box.around(annotation.points).center
    centers = [face.box.center for face in faces]
    return min(
        range(len(faces)),
        key=lambda index: hypot(centers[index][0] - center_x, centers[index][1] - center_y),
    )
