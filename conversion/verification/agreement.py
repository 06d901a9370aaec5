"""How far a file's answers lie from those of the Keras model it came from, on real crops."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conversion.network import Network
from conversion.representative import RepresentativeCrops
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import from_crop_units, to_crop_units
from edge_runtime.errors import OutputWriteError
from edge_runtime.network.landmark_model import LandmarkModel, Prediction
from training.run.scored_model import Predictor


@dataclass(frozen=True, eq=False)
class KerasAnswers:
    """What Keras predicts for the crops a file is verified on.

    points_px (C, N, 2) in crop px. others: the other outputs (C, n) on faces, by name.
    negative_presence (K, 1): on crops without a face; None without that output.
    """

    crops: RepresentativeCrops
    points_px: FloatArray
    others: dict[str, FloatArray]
    negative_presence: FloatArray | None

    @classmethod
    def of(cls, network: Network, crops: RepresentativeCrops) -> KerasAnswers:
        others = network.run(crops.faces)
        points_px = from_crop_units(others.pop("landmarks"), network.size_px)[..., :2]
        has_presence = "presence" in others
        on_negatives = network.run(crops.negatives)["presence"] if has_presence else None
        return cls(crops, points_px, others, on_negatives)


SHARE_STEP_PX = 0.05
SHARE_STEPS = 40
FAR = 0.025  # of the crop's side: 3 px of 120


@dataclass(frozen=True)
class Difference:
    """Between a file's output and Keras', both from 0 to 1: the mean and the largest."""

    mean: float
    worst: float

    @classmethod
    def between(cls, found: FloatArray, expected: FloatArray) -> Difference:
        """Of arrays (C, n); values that mean nothing, NaN in the file's answer, are left out."""
        apart = np.abs(found - expected)[np.isfinite(found)]
        return cls(float(apart.mean()), float(apart.max()))


@dataclass(frozen=True)
class Agreement:
    """Distances to Keras' points in px of the model's own crop, and differences of other outputs.

    share_by_px: share of points within 0.05, 0.1, 0.15 ... px, for a plot. far_share: share of
    crops with a point further away than FAR of the side, mostly one clipped at the end of a range.
    outputs: presence, expression and visibility, those that the model has, over faces.
    negative_presence: over crops without a face; None without that output.
    """

    crops: int
    mean_px: float
    p95_px: float
    max_px: float
    far_share: float
    share_by_px: tuple[float, ...]
    outputs: dict[str, Difference]
    negative_presence: Difference | None


def measure_agreement(packed: bytes, expected: KerasAnswers) -> Agreement:
    """Run a file, contract and all, through the runtime that will read it; xy of all landmarks."""
    model = _open(packed)
    found = model.run_on_crops(expected.crops.faces)
    distance = np.linalg.norm(_points(found)[..., :2] - expected.points_px, axis=-1)
    on_negatives = None
    if expected.negative_presence is not None:
        answers = model.run_on_crops(expected.crops.negatives)
        on_negatives = Difference.between(_output(answers, "presence"), expected.negative_presence)
    steps = SHARE_STEP_PX * np.arange(1, SHARE_STEPS + 1)
    counts = np.searchsorted(np.sort(distance, axis=None), steps, side="right")
    return Agreement(
        crops=len(distance),
        mean_px=float(distance.mean()),
        p95_px=float(np.percentile(distance, 95)),
        max_px=float(distance.max()),
        far_share=float((distance.max(axis=1) > FAR * expected.crops.faces.shape[1]).mean()),
        share_by_px=tuple(np.round(counts / distance.size, 4).tolist()),
        outputs={
            name: Difference.between(_output(found, name), _as_told(model, name, values))
            for name, values in expected.others.items()
        },
        negative_presence=on_negatives,
    )


def file_predictor(packed: bytes) -> Predictor:
    """The file as a predictor of `training.evaluation.evaluate`, through its own runtime."""
    model = _open(packed)

    def predict(crops: Uint8Image) -> FloatArray:
        return to_crop_units(_points(model.run_on_crops(crops)), crops.shape[1])

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


def _points(answers: list[Prediction]) -> FloatArray:
    return np.stack([one.points for one in answers])


def _as_told(model: LandmarkModel, name: str, output: FloatArray) -> FloatArray:
    """What the runtime would tell of an output of Keras."""
    return model.blendshapes.read(output) if name == "expression" else output


def _output(answers: list[Prediction], name: str) -> FloatArray:
    """Another output (C, n), by its name in the contract and in `Prediction`."""
    return np.array([np.reshape(getattr(one, name), -1) for one in answers], np.float32)
