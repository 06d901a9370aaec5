"""`python -m benchmarks.studies.openings DATA`: aspect ratios of eyes and mouths in the labels.

DATA holds `face_model.npz`, `faces.zip` and `fits.npz` (labels version 2). From what it prints come
the zero and the one of `FaceLandmarks.openings`. Labels are in 3D, as the runtime's points are: the
fitted head's 68 landmarks, moved to where the label has them in the photo.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edge_runtime.arrays import BoolArray, FloatArray
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarks import EYE_RATIOS, MOUTH_RATIOS, AspectRatios
from training.face.face_model import FaceModel
from training.fitting.fitted_photos import FittedPhotos

PERCENTILES = (5, 10, 50, 90, 95)
FRONTAL_DEG = 30.0
BY_PEOPLE = 1  # label_source in fits.npz
AT_ONCE = 500


def labelled_ratios(photos: FittedPhotos, model: FaceModel) -> tuple[FloatArray, FloatArray]:
    """Aspect ratios of each photo's label: of both eyes (P, 2) and of the mouth (P,)."""
    found = []
    for first in range(0, len(photos), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        fitted = np.stack([model.landmarks68(head) for head in photos.vertices(model, some)])
        found += [AspectRatios.of(points) for points in fitted + photos.residual68[some]]
    eyes = np.array([(one.left_eye, one.right_eye) for one in found], np.float32)
    return eyes, np.array([one.mouth for one in found], np.float32)


def rows(data: Path) -> Iterator[tuple[str, FloatArray]]:
    """What to print: a name and the ratios of a group. Raises Face520Error."""
    photos = FittedPhotos.load(data / "faces.zip", data / "fits.npz")
    eyes, mouth = labelled_ratios(photos, FaceModel.load(data / "face_model.npz"))
    with np.load(data / "fits.npz") as stored:
        by_people = stored["label_source"] == BY_PEOPLE
    frontal = np.abs(photos.yaw_deg) < FRONTAL_DEG

    def of(source: str) -> BoolArray:
        return np.array([name.startswith(f"{source}_") for name in photos.names])

    yield "eyes kept closed (cew)", eyes[of("cew")].reshape(-1)
    yield "eyes by people, yaw below 30", eyes[by_people & frontal].reshape(-1)
    yield "mouths of drivers (noyawn)", mouth[of("noyawn")]
    yield "mouths that yawn (yawn)", mouth[of("yawn")]
    yield "mouths by people, yaw below 30", mouth[by_people & frontal]


def main() -> None:
    """Print the table; exit 2 where nothing can be measured."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m benchmarks.studies.openings DATA")
    try:
        print(f"{'percentile':32}{'number':>8}" + "".join(f"{one:8}" for one in PERCENTILES))
        for name, ratios in rows(Path(sys.argv[1])):
            values = np.percentile(ratios, PERCENTILES)
            print(f"{name:32}{len(ratios):8}" + "".join(f"{value:8.3f}" for value in values))
    except Face520Error as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    for name, (closed, wide_open) in {"eyes": EYE_RATIOS, "mouth": MOUTH_RATIOS}.items():
        print(f"openings of {name}: 0 at {closed}, 1 at {wide_open}")


if __name__ == "__main__":
    main()
