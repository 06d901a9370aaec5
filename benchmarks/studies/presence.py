"""`python -m benchmarks.studies.presence DATA`: the runtime's limit between face and no face.

DATA holds `face_model.npz`, `faces.zip` and `fits.npz`. Faces are photos held out of training, in
squares up to a few percent off the true ones; the others are squares beside the faces. Both are
judged by `presence_by_turning`, which answers where a model has no presence output.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.studies.study import fitted_photos, print_study, with_margin
from edge_runtime.arrays import Float64Array, Uint8Image
from edge_runtime.crop import Box, CropRegion
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.timings import Timings
from edge_runtime.tracking.plausibility import presence_by_turning

FACES, PHOTOS_WITH_BACKGROUND = 500, 500
LIMIT = 0.5
SMALLEST, LARGEST = 0.15, 0.375  # sides of squares beside faces, in parts of the photo's


@dataclass(frozen=True, eq=False)
class PresenceShares:
    """Presence of faces (F,) and of squares beside faces (E,)."""

    faces: Float64Array
    others: Float64Array

    @property
    def kept(self) -> float:
        """Share of the faces that the runtime takes for faces."""
        return float((self.faces >= LIMIT).mean())

    @property
    def refused(self) -> float:
        """Share of the others that it does not."""
        return float((self.others < LIMIT).mean())


def measure(data: Path) -> PresenceShares:
    """Run the bundled model on the photos of a folder. Raises Face520Error."""
    photos, face_model = fitted_photos(data)
    model = LandmarkModel(MODEL_PATH)
    rng = np.random.default_rng(1)

    def presence(image: Uint8Image, region: CropRegion) -> float:
        points = model.run(image, region, Timings()).points
        return presence_by_turning(model, image, region, points, Timings())

    def annotated(indices: list[int]) -> Iterator[tuple[Uint8Image, Box]]:
        for index, image in zip(indices, photos.images(indices)):
            yield image, Box.around(photos.landmarks68(face_model, [index])[0])

    faces = []
    held_out = rng.choice(np.flatnonzero(photos.held_out), FACES, replace=False).tolist()
    for image, box in annotated(held_out):
        region = CropRegion.around_box(box)
        x, y = rng.normal((region.center_x, region.center_y), 0.03 * region.side_px)
        faces.append(presence(image, replace(region, center_x=x, center_y=y)))
    others = []
    wide = rng.choice(with_margin(photos), PHOTOS_WITH_BACKGROUND, replace=False).tolist()
    for image, box in annotated(wide):
        others += [presence(image, square) for square in _squares_beside(box, image.shape[0], rng)]
    return PresenceShares(np.array(faces), np.array(others))


def _squares_beside(box: Box, photo_side_px: int, rng: np.random.Generator) -> Iterator[CropRegion]:
    """Of ten random squares of a photo, those that lie inside it and apart from the face's box."""
    low, high = (0, 0, SMALLEST), (1, 1, LARGEST)
    for x, y, side in photo_side_px * rng.uniform(low, high, (10, 3)):
        inside = side / 2 <= min(x, y) and max(x, y) < photo_side_px - side / 2
        apart_x = abs(x - box.center[0]) > (side + box.width) / 2
        apart_y = abs(y - box.center[1]) > (side + box.height) / 2
        if inside and (apart_x or apart_y):
            yield CropRegion(x, y, side)


def lines(data: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    found = measure(data)
    yield f"{len(found.faces)} faces, kept {found.kept:.3f}"
    yield f"{len(found.others)} squares beside faces, refused {found.refused:.3f}"


if __name__ == "__main__":
    print_study("benchmarks.studies.presence DATA", lines)
