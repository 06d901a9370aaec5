"""How far a file's answers lie from those of the Keras model it came from, on real crops."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conversion.network import Network
from conversion.representative import RepresentativeCrops
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion, from_crop_units, to_crop_units
from edge_runtime.errors import OutputWriteError
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.timings import Timings
from training.evaluation.evaluate import Predictor


@dataclass(frozen=True, eq=False)
class KerasAnswers:
    """What Keras says to the crops a file is verified on: points (C, N, 2) in crop px, presence."""

    crops: RepresentativeCrops
    points_px: FloatArray
    face_presence: FloatArray | None
    negative_presence: FloatArray | None

    @classmethod
    def of(cls, network: Network, crops: RepresentativeCrops) -> KerasAnswers:
        landmarks, presence = network.run(crops.faces)
        points_px = from_crop_units(landmarks, network.size_px)[..., :2]
        on_negatives = None if presence is None else network.run(crops.negatives)[1]
        return cls(crops, points_px, presence, on_negatives)


SHARE_STEP_PX = 0.05
SHARE_STEPS = 40
FAR = 0.025  # of the crop's side: 3 px of 120


@dataclass(frozen=True)
class Agreement:
    """Distances to Keras' points in px of the model's own crop, and differences in presence.

    share_by_px: share of points within 0.05, 0.1, 0.15 ... px, for a plot. far_share: share of
    crops with a point further away than FAR of the side, mostly one clipped at the end of a range.
    presence: largest difference over faces; negative_presence: over crops without a face; None
    without that output.
    """

    crops: int
    mean_px: float
    p95_px: float
    max_px: float
    far_share: float
    share_by_px: tuple[float, ...]
    presence: float | None
    negative_presence: float | None


def measure_agreement(packed: bytes, expected: KerasAnswers) -> Agreement:
    """Run a file, contract and all, through the runtime that will read it; xy of all landmarks."""
    model = _open(packed)
    points, presence = _answers(model, expected.crops.faces)
    _, on_negatives = _answers(model, expected.crops.negatives)
    distance = np.linalg.norm(points[..., :2] - expected.points_px, axis=-1)
    steps = SHARE_STEP_PX * np.arange(1, SHARE_STEPS + 1)
    counts = np.searchsorted(np.sort(distance, axis=None), steps, side="right")
    return Agreement(
        crops=len(distance),
        mean_px=float(distance.mean()),
        p95_px=float(np.percentile(distance, 95)),
        max_px=float(distance.max()),
        far_share=float((distance.max(axis=1) > FAR * expected.crops.faces.shape[1]).mean()),
        share_by_px=tuple(np.round(counts / distance.size, 4).tolist()),
        presence=_largest(presence, expected.face_presence),
        negative_presence=_largest(on_negatives, expected.negative_presence),
    )


def file_predictor(packed: bytes) -> Predictor:
    """The file as a predictor of `training.evaluation.evaluate`, through its own runtime."""
    model = _open(packed)

    def predict(crops: Uint8Image) -> FloatArray:
        return to_crop_units(_answers(model, crops)[0], crops.shape[1])

    return predict


def _open(packed: bytes) -> LandmarkModel:
    with tempfile.TemporaryDirectory() as scratch:
        candidate = Path(scratch) / "candidate.tflite"
        try:
            candidate.write_bytes(packed)
        except OSError as error:
            raise OutputWriteError(
                f"{candidate}: cannot be written ({error.strerror}). Make room there, or set "
                "TMPDIR to a folder that has some."
            ) from error
        # The runtime reads it into memory whole: the file may go as soon as it is loaded.
        return LandmarkModel(candidate)


def _answers(model: LandmarkModel, crops: Uint8Image) -> tuple[FloatArray, FloatArray | None]:
    """Points (C, N, 3) in crop px, and presence (C,) if any."""
    size_px = model.contract.input_size_px
    whole = CropRegion((size_px - 1) / 2, (size_px - 1) / 2, size_px)
    found = [model.run(crop, whole, Timings()) for crop in crops]
    points = np.stack([points for points, _ in found])
    presence = [value for _, value in found if value is not None]
    return points, np.array(presence, np.float32) if presence else None


def _largest(found: FloatArray | None, expected: FloatArray | None) -> float | None:
    if found is None or expected is None:
        return None
    return float(np.abs(found - expected).max())
