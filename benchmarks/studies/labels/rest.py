"""`python -m benchmarks.studies.labels.rest MODEL.tflite`: blendshapes of a face asked for.

102 people of the open photos, each with a neutral face and smiling, none of them trained on. What
the network itself says of faces at rest is told beside what the runtime makes of it by the model's
`expression_at_rest`: here each half of the people by the median of the other half.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.studies.study import print_study
from edge_runtime.arrays import FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES, BlendshapeScale
from edge_runtime.errors import ModelFileError
from edge_runtime.network.landmark_model import LandmarkModel
from training.evaluation.roc import roc_auc
from training.open_faces.resting_faces import (
    NEUTRAL_FACE,
    SMILING_FACE,
    at_rest,
    open_face_crops,
)

SMILES = tuple(BLENDSHAPE_NAMES.index(f"mouthSmile{side}") for side in ("Left", "Right"))
LARGEST = 8


def told_by_network(model: LandmarkModel, face: str) -> FloatArray:
    """Blendshapes (102, 52) as the network puts them out, NaN of those that it does not know."""
    model.blendshapes = BlendshapeScale.of((), model.contract.unknown_blendshapes)
    crops = open_face_crops(face, model.contract.input_size_px)
    return np.array([one.expression for one in model.run_on_crops(crops)], np.float32)


def by_other_half(told: FloatArray, neutral: FloatArray, unknown: tuple[str, ...]) -> FloatArray:
    """What the runtime makes of told (F, 52), each half's rest measured on the other half."""
    found = np.empty_like(told)
    for half in (0, 1):
        found[half::2] = BlendshapeScale.of(at_rest(neutral[1 - half :: 2]), unknown).read(
            told[half::2]
        )
    return found


def lines(path: Path) -> Iterator[str]:
    """What to print. Raises ModelFileError."""
    model = LandmarkModel(path)
    if "expression" not in model.contract.outputs:
        raise ModelFileError(f"{path}: tells no blendshapes. Give a model that has them, as main.")
    neutral, smiling = (told_by_network(model, face) for face in (NEUTRAL_FACE, SMILING_FACE))
    unknown = model.contract.unknown_blendshapes
    forms = {
        "network": (neutral, smiling),
        "from rest": tuple(by_other_half(one, neutral, unknown) for one in (neutral, smiling)),
    }
    yield f"{'':12}{'at rest: mean':>15}{'90 %':>7}   mouthSmile: at rest, smiling; ROC-AUC"
    for form, (rest, smile) in forms.items():
        moving = rest[:, 1:][:, np.isfinite(rest[:, 1:]).all(axis=0)]
        smiles = [one[:, SMILES].mean(axis=1) for one in (rest, smile)]
        yield (
            f"{form:12}{moving.mean():15.3f}{np.percentile(moving, 90):7.3f}"
            f"{np.median(smiles[0]):14.2f}{np.median(smiles[1]):6.2f}"
            f"{roc_auc(smiles[1], smiles[0]):10.3f}"
        )
    median = np.nan_to_num(np.median(neutral, axis=0))
    largest = [place for place in np.argsort(-median) if place > 0][:LARGEST]
    told = ", ".join(f"{BLENDSHAPE_NAMES[place]} {median[place]:.2f}" for place in largest)
    yield f"the network at rest, largest medians: {told}"
    yield f"{len(neutral)} people, each with a neutral face and smiling"


if __name__ == "__main__":
    print_study("benchmarks.studies.labels.rest MODEL.tflite", lines)
