"""What a model's blendshapes say of people whose faces are at rest."""

from __future__ import annotations

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.blendshapes import BLENDSHAPE_MIRROR, NEUTRAL
from training.crops.augment import centred_crop
from training.open_faces import open_photos
from training.open_faces.found_faces import found_faces
from training.run.scored_model import Predictor

NEUTRAL_FACE, SMILING_FACE = "_neutral", "_smiling"  # how the photos' names end
DECIMALS = 3


def expression_at_rest(expression: Predictor, size_px: int) -> tuple[float, ...]:
    """The median (52,) over the 102 people who were asked for a neutral face; both sides alike.

    expression: of crops of size_px, 0 where the model means 0. 0 for blendshapes that it does not
    know, and for `_neutral`, which follows from the others.
    """
    return at_rest(expression(open_face_crops(NEUTRAL_FACE, size_px)))


def at_rest(expressions: FloatArray) -> tuple[float, ...]:
    """The median (52,) of resting faces' blendshapes (F, 52), as `expression_at_rest` has it."""
    median = np.median(expressions, axis=0)
    both_sides = np.nan_to_num(median + median[BLENDSHAPE_MIRROR]) / 2
    both_sides[NEUTRAL] = 0
    return tuple(both_sides.astype(float).round(DECIMALS).tolist())


def open_face_crops(face: str, size_px: int) -> Uint8Image:
    """Squares (102, size_px, size_px, 3) RGB of the open photos, where main int8 sees the faces.

    face: which of a person's two photos, NEUTRAL_FACE or SMILING_FACE.
    """
    photos = (path for path in open_photos() if path.stem.endswith(face))
    return np.stack([centred_crop(record, size_px).image for record in found_faces(photos)])
