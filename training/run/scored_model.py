"""A model to be scored: a run or release folder through Keras, or a .tflite through the runtime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion, to_crop_units
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.timings import Timings
from training.evaluation.evaluate import Predictor
from training.network.model import network_input
from training.network.standardisation import Standardisation

TFLITE = ".tflite"
RELEASED_PREFIX = "face520_"

# RGB crops (B, S, S, 3) uint8 to probabilities (B,) of a face.
PresencePredictor = Callable[[Uint8Image], FloatArray]


@dataclass(frozen=True, eq=False)
class ScoredModel:
    """What every kind of model does; presence is None for a model without that output."""

    name: str
    input_size_px: int
    landmarks: Predictor
    presence: PresencePredictor | None

    @classmethod
    def open(cls, path: Path) -> ScoredModel:
        """Load a run folder, a release folder or a .tflite file written by face520-convert.

        Raises TrainedModelError or ModelFileError.
        """
        if path.suffix == TFLITE:
            return cls._from_tflite(path)
        # Neither Keras nor h5py is needed for a .tflite file.
        from training.keras_backend import load_keras

        load_keras()
        import keras

        from training.run.trained_model import TrainedModel

        trained = TrainedModel.open(path)
        model = trained.build(keras)
        return cls(
            name=trained.name,
            input_size_px=trained.config.input_size_px,
            landmarks=keras_predictor(model, trained.standardisation),
            presence=_keras_presence(model) if trained.config.has_presence else None,
        )

    @classmethod
    def _from_tflite(cls, path: Path) -> ScoredModel:
        model = LandmarkModel(path)
        size_px = model.contract.input_size_px
        # The crop as an image of its own: the square that spans all of it.
        whole = CropRegion((size_px - 1) / 2, (size_px - 1) / 2, size_px)

        def landmarks(crops: Uint8Image) -> FloatArray:
            in_crop_px = [model.run(crop, whole, Timings()).points for crop in crops]
            return to_crop_units(np.stack(in_crop_px), size_px)

        def presence(crops: Uint8Image) -> FloatArray:
            answers = [model.run(crop, whole, Timings()).presence for crop in crops]
            return np.array(answers, np.float32)

        return cls(
            name=path.stem.removeprefix(RELEASED_PREFIX),
            input_size_px=size_px,
            landmarks=landmarks,
            presence=presence if model.contract.has_presence else None,
        )


def keras_predictor(model: Any, standardisation: Standardisation) -> Predictor:
    """Predictor of a Keras model built by `training.network.model`."""

    def predict(crops: Uint8Image) -> FloatArray:
        outputs = model.predict_on_batch(network_input(crops))
        return standardisation.undo(np.asarray(outputs["landmarks"]))

    return predict


def _keras_presence(model: Any) -> PresencePredictor:
    def predict(crops: Uint8Image) -> FloatArray:
        return np.asarray(model.predict_on_batch(network_input(crops))["presence"]).reshape(-1)

    return predict
