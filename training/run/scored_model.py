"""A model to be scored: a run or release folder through Keras, a .tflite through the runtime, or
MediaPipe's face mesh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.blendshapes import BlendshapeScale
from edge_runtime.crop import to_crop_units
from edge_runtime.network.landmark_model import LandmarkModel
from training.fitting.face_mesh import REGION_OVER_CROP, REGION_PX
from training.network.keras_model import KerasModel
from training.network.model import network_input
from training.network.standardisation import Standardisation

TFLITE = ".tflite"
RELEASED_PREFIX = "face520_"
# Names in place of a path, and whether the mesh is the one with attention.
MEDIAPIPE_MESHES = {"mediapipe": False, "mediapipe-attention": True}

# RGB crops (B, S, S, 3) uint8 to landmarks (B, N, 3) in crop units.
Predictor = Callable[[Uint8Image], FloatArray]
# RGB crops (B, S, S, 3) uint8 to probabilities (B,) of a face.
PresencePredictor = Callable[[Uint8Image], FloatArray]


@dataclass(frozen=True, eq=False)
class ScoredModel:
    """What every kind of model does; a predictor is None for a model without that output.

    expression: crops to blendshapes (B, 52); visibility: crops to probabilities (B, 520) of being
    seen. square_over_crop: side of the square that the model looks at over that of the runtime's.
    Where a model finds no face of its own in a crop, its landmarks are NaN.
    """

    name: str
    input_size_px: int
    landmarks: Predictor
    presence: PresencePredictor | None
    expression: Predictor | None = None
    visibility: Predictor | None = None
    square_over_crop: float = 1.0

    @classmethod
    def open(cls, path: Path) -> ScoredModel:
        """Load a run folder, a release folder or a .tflite file written by face520-convert; or
        MediaPipe's mesh, by a name of MEDIAPIPE_MESHES.

        Raises TrainedModelError, ModelFileError or, without mediapipe, Face520Error.
        """
        if str(path) in MEDIAPIPE_MESHES:
            return cls._mediapipe(str(path))
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
            expression=_keras_expression(model, trained.blendshapes),
            visibility=_keras_output(model, "visibility"),
        )

    @classmethod
    def _mediapipe(cls, name: str) -> ScoredModel:
        from training.run.mediapipe_mesh import MediaPipeMesh

        mesh = MediaPipeMesh(with_attention=MEDIAPIPE_MESHES[name])
        return cls(name, REGION_PX, mesh.in_crops, presence=None, square_over_crop=REGION_OVER_CROP)

    @classmethod
    def _from_tflite(cls, path: Path) -> ScoredModel:
        model = LandmarkModel(path)
        size_px = model.contract.input_size_px

        def landmarks(crops: Uint8Image) -> FloatArray:
            return to_crop_units(
                np.stack([one.points for one in model.run_on_crops(crops)]), size_px
            )

        def further(name: str) -> Predictor | None:
            if name not in model.contract.outputs:
                return None
            return lambda crops: np.array(
                [getattr(one, name) for one in model.run_on_crops(crops)], np.float32
            )

        return cls(
            name=path.stem.removeprefix(RELEASED_PREFIX),
            input_size_px=size_px,
            landmarks=landmarks,
            presence=further("presence"),
            expression=further("expression"),
            visibility=further("visibility"),
        )


def keras_predictor(model: KerasModel, standardisation: Standardisation) -> Predictor:
    """Predictor of a Keras model built by `training.network.model`."""

    def predict(crops: Uint8Image) -> FloatArray:
        outputs = model.predict_on_batch(network_input(crops))
        return standardisation.undo(np.asarray(outputs["landmarks"]))

    return predict


def _keras_presence(model: KerasModel) -> PresencePredictor:
    def predict(crops: Uint8Image) -> FloatArray:
        return np.asarray(model.predict_on_batch(network_input(crops))["presence"]).reshape(-1)

    return predict


def _keras_expression(model: KerasModel, scale: BlendshapeScale) -> Predictor | None:
    output = _keras_output(model, "expression")
    return None if output is None else lambda crops: scale.read(output(crops))


def _keras_output(model: KerasModel, name: str) -> Predictor | None:
    if name not in model.output:
        return None

    def predict(crops: Uint8Image) -> FloatArray:
        return np.asarray(model.predict_on_batch(network_input(crops))[name])

    return predict
