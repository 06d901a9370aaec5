"""`python -m benchmarks.studies.labels.openings DATA`: how open labelled eyes and mouths are.

DATA holds `face_model.npz`, `faces.zip` and `fits.npz` (labels version 2). From what it prints come
the zero and the one of `FaceLandmarks.openings`, and those of eyeBlink and eyeWide in training.
Labels are in 3D, as the runtime's points are: the fitted head's 68 landmarks, moved to where the
label has them in the photo.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.studies.study import fitted_photos, print_study
from edge_runtime.arrays import BoolArray, FloatArray
from edge_runtime.face_landmarks import EYE_RATIOS, MOUTH_RATIOS, AspectRatios
from training.dataset.records import LabelSource
from training.face.face_model import FaceModel
from training.fitting.fitted_photos import FittedPhotos

PERCENTILES = (5, 10, 25, 50, 75, 90, 95, 99)
FRONTAL_DEG = 30.0
AT_ONCE = 500


def labelled_ratios(photos: FittedPhotos, model: FaceModel) -> tuple[FloatArray, FloatArray]:
    """Aspect ratios of each photo's label: of both eyes (P, 2) and of the mouth (P,)."""
    found = []
    for first in range(0, len(photos), AT_ONCE):
        labels = photos.landmarks68(model, slice(first, first + AT_ONCE))
        found += [AspectRatios.of(points) for points in labels]
    eyes = np.array([(one.left_eye, one.right_eye) for one in found], np.float32)
    return eyes, np.array([one.mouth for one in found], np.float32)


def groups(data: Path) -> Iterator[tuple[str, FloatArray]]:
    """A name and the ratios of each group of photos. Raises Face520Error."""
    photos, model = fitted_photos(data)
    eyes, mouth = labelled_ratios(photos, model)
    by_people = photos.label_source == LabelSource.PEOPLE
    frontal = np.abs(photos.yaw_deg) < FRONTAL_DEG

    def of(source: str) -> BoolArray:
        return np.array([name.startswith(f"{source}_") for name in photos.names])

    yield "eyes kept closed (cew)", eyes[of("cew")].reshape(-1)
    yield "eyes by people, yaw below 30", eyes[by_people & frontal].reshape(-1)
    yield "mouths of drivers (noyawn)", mouth[of("noyawn")]
    yield "mouths that yawn (yawn)", mouth[of("yawn")]
    yield "mouths by people, yaw below 30", mouth[by_people & frontal]


def lines(data: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    yield f"{'percentile':32}{'number':>8}" + "".join(f"{one:8}" for one in PERCENTILES)
    for name, ratios in groups(data):
        values = np.percentile(ratios, PERCENTILES)
        yield f"{name:32}{len(ratios):8}" + "".join(f"{value:8.3f}" for value in values)
    for name, (closed, wide_open) in {"eyes": EYE_RATIOS, "mouth": MOUTH_RATIOS}.items():
        yield f"openings of {name}: 0 at {closed}, 1 at {wide_open}"


if __name__ == "__main__":
    print_study("benchmarks.studies.labels.openings DATA", lines)
