"""NME of held-out faces whose squares are off, as a tracker's and a detector's are, or damaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.crop import from_crop_units
from edge_runtime.layout import IBUG68_COUNT
from training.augment import Augmentation, augmented_region, damaged
from training.dataset import DatasetError, read_split
from training.evaluate import FloatArray
from training.nme_scores import NmeScores
from training.records import FaceRecord
from training.scored_model import ScoredModel

SEED, BATCH = 520, 50
CENTRED = Augmentation(
    roll_deg=0,
    scale=0,
    shift=0,
    colour=0,
    grey_chance=0,
    blur_chance=0,
    noise_chance=0,
    jpeg_chance=0,
    occluder_chance=0,
)
DAMAGE = Augmentation(roll_deg=0, scale=0, shift=0)
# Standard deviations. The runtime cuts a second square from what it found in the detector's, and
# the next frame's from this one: "tracked" is what it mostly sees, "far off" the detector's.
SQUARES = {
    "true square": CENTRED,
    "tracked": replace(CENTRED, roll_deg=3, scale=0.02, shift=0.01),
    "off": replace(CENTRED, roll_deg=6, scale=0.05, shift=0.03),
    "far off": replace(CENTRED, roll_deg=12, scale=0.08, shift=0.05),
    "damaged": DAMAGE,
}


@dataclass(frozen=True, eq=False)
class HeldOutScores:
    """Scores of the same faces for each kind of SQUARES."""

    of_squares: dict[str, NmeScores]

    @classmethod
    def measure(cls, model: ScoredModel, dataset: Path) -> HeldOutScores:
        """Run a model on the held-out faces of a dataset; the same faces, the same squares.

        Raises DatasetError where there are none.
        """
        faces = list(read_split(dataset, "val"))
        if not faces:
            raise DatasetError(f"{dataset}: holds out no faces. Give a dataset that does.")
        yaw_deg = np.array([face.yaw_deg for face in faces])
        truth = np.stack([face.landmarks[:IBUG68_COUNT] for face in faces])
        return cls(
            {
                name: NmeScores.of(yaw_deg, _predicted68(model, faces, how), truth)
                for name, how in SQUARES.items()
            }
        )

    def to_json(self) -> dict[str, Any]:
        return {name: scores.to_json() for name, scores in self.of_squares.items()}


def _predicted68(model: ScoredModel, faces: Sequence[FaceRecord], how: Augmentation) -> FloatArray:
    """Landmarks (F, 68, 3) in px of the photos."""
    size_px = model.input_size_px
    predicted: list[FloatArray] = []
    for first in range(0, len(faces), BATCH):
        regions, crops = [], []
        for position, face in enumerate(faces[first : first + BATCH], first):
            rng = np.random.default_rng((SEED, position))
            regions.append(augmented_region(face.landmarks, how, rng))
            crops.append(damaged(regions[-1].extract(face.image(), size_px), how, rng))
        in_crop_px = from_crop_units(model.landmarks(np.stack(crops))[:, :IBUG68_COUNT], size_px)
        predicted += [region.to_image(one, size_px) for region, one in zip(regions, in_crop_px)]
    return np.stack(predicted)
