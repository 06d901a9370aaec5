"""What a model's blendshapes say of people whose faces are at rest."""

from __future__ import annotations

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.blendshapes import BLENDSHAPE_MIRROR, NEUTRAL
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.image_file import read_image
from edge_runtime.network.bundled_model import MODEL_PATH
from training.crops.augment import centred_crop
from training.dataset.records import FaceRecord
from training.open_faces import open_photos
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
    crops = []
    with FaceLandmarker.create(MODEL_PATH) as landmarker:
        for path in (one for one in open_photos() if one.stem.endswith(face)):
            (found,) = landmarker.detect(read_image(path))
            record = FaceRecord(path.name, path.read_bytes(), found.points, found.pose.yaw_deg)
            crops.append(centred_crop(record, size_px).image)
    return np.stack(crops)
