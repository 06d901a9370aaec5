"""NME of held-out faces whose squares are off, as a tracker's and a detector's are, or damaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import CropRegion
from training.crops.augment import UNDAMAGED, Augmentation, augmented_region, damaged
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord
from training.errors import DatasetError
from training.evaluation.evaluate import found_faces, landmarks68_in_photos
from training.evaluation.living_face import FaceState, LivingFaceScores
from training.nme import NmeScores
from training.run.scored_model import ScoredModel

SEED = 520
CENTRED = replace(UNDAMAGED, roll_deg=0, scale=0, shift=0)
# Standard deviations. The runtime cuts a second square from what it found in the detector's, and
# the next frame's from this one: "tracked" is what it mostly sees, "far off" the detector's.
SQUARES = {
    "true square": CENTRED,
    "tracked": replace(CENTRED, roll_deg=3, scale=0.02, shift=0.01),
    "off": replace(CENTRED, roll_deg=6, scale=0.05, shift=0.03),
    "far off": replace(CENTRED, roll_deg=12, scale=0.08, shift=0.05),
    "damaged": Augmentation(roll_deg=0, scale=0, shift=0),
}


@dataclass(frozen=True, eq=False)
class HeldOutScores:
    """Scores of the same faces for each kind of SQUARES, and what they do in the true one."""

    of_squares: dict[str, NmeScores]
    living_face: LivingFaceScores

    @classmethod
    def measure(cls, model: ScoredModel, dataset: Dataset) -> HeldOutScores:
        """Run a model on the held-out faces of a dataset; the same faces, the same squares.

        Raises DatasetError where there are none, EvaluationError for a model that finds none.
        """
        faces = list(dataset.split("val"))
        if not faces:
            raise DatasetError(
                f"{dataset.directory}: holds out no faces. Give a dataset that does."
            )
        images = [face.image() for face in faces]
        yaw_deg = np.array([face.yaw_deg for face in faces])
        truth = np.stack([face.landmarks68 for face in faces])
        of_squares = {}
        for name, how in SQUARES.items():
            crops, regions = _squares(faces, images, how, model)
            predicted68 = landmarks68_in_photos(model.landmarks, crops, regions)
            found = found_faces(predicted68)
            of_squares[name] = NmeScores.of(yaw_deg[found], predicted68[found], truth[found])
            if how is CENTRED:
                state = FaceState.predicted(model, crops, dataset.layout)
                living_face = LivingFaceScores.of(faces, predicted68, state)
        return cls(of_squares, living_face)

    def to_json(self) -> dict[str, Any]:
        """The squares by their names, and living_face."""
        squares = {name: scores.to_json() for name, scores in self.of_squares.items()}
        return squares | {"living_face": self.living_face.to_json()}


def _squares(
    faces: Sequence[FaceRecord], images: Sequence[Uint8Image], how: Augmentation, model: ScoredModel
) -> tuple[list[Uint8Image], list[CropRegion]]:
    """A crop of each face, and where it lies in the photo."""
    crops, regions = [], []
    for position, (face, image) in enumerate(zip(faces, images)):
        rng = np.random.default_rng((SEED, position))
        region = augmented_region(face.landmarks, how, rng).scaled(model.square_over_crop)
        regions.append(region)
        crops.append(damaged(region.extract(image, model.input_size_px), how, rng))
    return crops, regions
