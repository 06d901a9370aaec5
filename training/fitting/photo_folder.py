"""A folder of photos: the faces found in it, and why others are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from math import hypot
from pathlib import Path
from typing import Protocol

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import Box
from edge_runtime.errors import ImageReadError
from edge_runtime.files.input_files import input_files
from edge_runtime.image_file import read_image
from training.errors import LandmarkAnnotationError, PhotoFolderError
from training.fitting.face_mesh import MeshFace
from training.fitting.landmark_annotation import LandmarkAnnotation, annotation_beside
from training.hold_out import held_out_by_hash

HELD_OUT_SHARE = 1 / 10


class MeshFinder(Protocol):
    """What finds faces: `FaceMeshFinder`, or a stand-in."""

    def find(self, image: Uint8Image) -> list[MeshFace]:
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
    """A face of a photo: its mesh (468, 3) in px, and the annotation that lies on it."""

    photo: Path
    number: int  # in its photo, from 1
    width_px: int  # of the photo
    height_px: int
    mesh: FloatArray
    annotation: LandmarkAnnotation | None


def photos_in(folder: Path, leave_out: Path) -> list[Path]:
    """Photos in and below a folder, except below leave_out; raises PhotoFolderError."""
    if not folder.is_dir():
        raise PhotoFolderError(f"{folder}: no such folder. Give the folder that holds the photos.")
    photos = input_files([folder], leave_out).images
    if not photos:
        raise PhotoFolderError(
            f"{folder}: holds no photo (.jpg, .png, .webp ...), nor do the folders in it."
        )
    return photos


def find_faces(
    photos: Sequence[Path], finder: MeshFinder, on_photo: Callable[[], None]
) -> tuple[list[FoundFace], list[Rejection]]:
    """Look at every photo; a file that cannot be read is rejected and stops nothing."""
    faces: list[FoundFace] = []
    rejections: list[Rejection] = []
    for photo in photos:
        try:
            found = _faces_of(photo, finder)
        except ImageReadError as error:
            rejections.append(Rejection(photo, "unreadable photo", str(error)))
        except LandmarkAnnotationError as error:
            rejections.append(Rejection(photo, "unreadable annotation", str(error)))
        else:
            faces += [one for one in found if isinstance(one, FoundFace)]
            rejections += [one for one in found if isinstance(one, Rejection)]
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


def _faces_of(photo: Path, finder: MeshFinder) -> list[FoundFace | Rejection]:
    image = read_image(photo)
    annotation = annotation_beside(photo)
    meshes = finder.find(image)
    if not meshes:
        return [Rejection(photo, "no face found", "MediaPipe finds none")]
    # One annotation belongs to one face, the one it lies on.
    annotated = _nearest(meshes, annotation) if annotation is not None else -1
    height_px, width_px = image.shape[:2]
    found: list[FoundFace | Rejection] = []
    for index, face in enumerate(meshes):
        if face.mesh is None:
            x, y = face.box.center
            detail = f"the face at {x:.0f}, {y:.0f} px has no mesh"
            found.append(Rejection(photo, "no landmarks found", detail))
            continue
        own = annotation if index == annotated else None
        found.append(FoundFace(photo, index + 1, width_px, height_px, face.mesh, own))
    return found


def _nearest(meshes: Sequence[MeshFace], annotation: LandmarkAnnotation) -> int:
    center_x, center_y = Box.around(annotation.points).center
    return min(
        range(len(meshes)),
        key=lambda index: hypot(
            meshes[index].box.center[0] - center_x, meshes[index].box.center[1] - center_y
        ),
    )
