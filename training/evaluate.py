"""NME by the AFLW2000-3D protocol: crops from the true boxes, three yaw bins, their mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.crop import CropRegion, from_crop_units
from edge_runtime.layout import IBUG68_COUNT
from training.aflw2000 import AnnotatedFace
from training.model import network_input
from training.nme import nme_percent
from training.standardisation import Standardisation

FloatArray = NDArray[np.float32]
# Upper ends of the |yaw| bins; the last is closed (arXiv:1511.07212, section 5).
YAW_BINS_DEG = ((0, 30), (30, 60), (60, 90))
BATCH = 50

# RGB crops (B, S, S, 3) uint8 to landmarks (B, N, 3) in crop units.
Predictor = Callable[[NDArray[np.uint8]], FloatArray]


@dataclass(frozen=True)
class BinScore:
    """Faces of one |yaw| range and their mean NME; nan for an empty bin."""

    yaw_from_deg: int
    yaw_to_deg: int
    faces: int
    nme_percent: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Scores of every face and what they sum up to."""

    names: tuple[str, ...]
    yaw_deg: NDArray[np.float64]  # (F,)
    nme_percent: NDArray[np.float64]  # (F,)

    @property
    def bins(self) -> tuple[BinScore, ...]:
        scores = []
        size = np.minimum(np.abs(self.yaw_deg), YAW_BINS_DEG[-1][1])
        for low, high in YAW_BINS_DEG:
            inside = (size >= low) & ((size < high) | (high == YAW_BINS_DEG[-1][1]))
            mean = float(self.nme_percent[inside].mean()) if inside.any() else float("nan")
            scores.append(BinScore(low, high, int(inside.sum()), mean))
        return tuple(scores)

    @property
    def headline_nme_percent(self) -> float:
        """Mean of the means of the bins that hold a face."""
        return float(np.nanmean([score.nme_percent for score in self.bins]))

    def to_json(self) -> dict[str, Any]:
        return {
            "faces": len(self.names),
            "nme_percent": self.headline_nme_percent,
            "bins": [asdict(score) for score in self.bins],
        }


def evaluate(faces: Iterable[AnnotatedFace], predict: Predictor, size_px: int) -> Evaluation:
    """Score a predictor on annotated faces, cropped by their true 68-point boxes."""
    names, yaws, scores = [], [], []
    for batch in _batched(faces, BATCH):
        regions = [CropRegion.around_landmarks(face.landmarks68) for face in batch]
        crops = np.stack(
            [region.extract(face.image(), size_px) for region, face in zip(regions, batch)]
        )
        in_crop_px = from_crop_units(predict(crops)[:, :IBUG68_COUNT], size_px)
        predicted = [region.to_image(p, size_px) for region, p in zip(regions, in_crop_px)]
        truth = np.stack([face.landmarks68 for face in batch])
        scores.append(nme_percent(np.stack(predicted), truth))
        names += [face.path.name for face in batch]
        yaws += [face.yaw_deg for face in batch]
    return Evaluation(tuple(names), np.array(yaws), np.concatenate(scores))


def keras_predictor(model: Any, standardisation: Standardisation) -> Predictor:
    """Predictor of a Keras model built by `training.model`."""

    def predict(crops: NDArray[np.uint8]) -> FloatArray:
        outputs = model.predict_on_batch(network_input(crops))
        return standardisation.undo(np.asarray(outputs["landmarks"]))

    return predict


def _batched(faces: Iterable[AnnotatedFace], size: int) -> Iterable[list[AnnotatedFace]]:
    batch: list[AnnotatedFace] = []
    for face in faces:
        batch.append(face)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
