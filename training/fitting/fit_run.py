"""One pass over a folder of photos: faces found, fitted, and kept or rejected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.fitting.face_fitter import FaceFitter
from training.fitting.fit_check import rejection_of
from training.fitting.fitted_photos_writer import KeptFace
from training.fitting.photo_folder import MeshFinder, Rejection, find_faces, held_out_photos


@dataclass(frozen=True, eq=False)
class FitRun:
    """Outcome for a folder: faces in the order of photos, rejections in the order of photos."""

    kept: tuple[KeptFace, ...]
    rejections: tuple[Rejection, ...]

    @property
    def kept_photo_count(self) -> int:
        """Photos that at least one face is kept of."""
        return len({one.face.photo for one in self.kept})


def fit_photos(
    folder: Path,
    photos: Sequence[Path],
    finder: MeshFinder,
    fitter: FaceFitter,
    on_photo: Callable[[], None],
) -> FitRun:
    """Find and fit the faces of photos in a folder; held out is a tenth of the photos kept."""
    faces, rejections = find_faces(photos, finder, on_photo)
    fitted = []
    if faces:
        meshes = np.stack([face.mesh for face in faces])
        fits = fitter.fit(meshes, [face.annotation for face in faces])
        for face, fit in zip(faces, fits):
            rejection = rejection_of(face, fit)
            if rejection is None:
                fitted.append((face, fit))
            else:
                rejections.append(rejection)
    held_out = held_out_photos(folder, [face.photo for face, _ in fitted]) if fitted else set()
    kept = tuple(KeptFace(face, fit, face.photo in held_out) for face, fit in fitted)
    place = {photo: index for index, photo in enumerate(photos)}
    return FitRun(kept, tuple(sorted(rejections, key=lambda one: place[one.photo])))
