"""What int8 costs by the form of the landmark outputs: one network, its last layer rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from conversion.converter import convert
from conversion.equalisation import equalised
from conversion.layer_graph import GraphModel
from conversion.network import Network
from conversion.representative import calibration_crops, representative_crops
from conversion.verification.agreement import KerasAnswers
from conversion.verification.lite_model import LiteModel
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import from_crop_units
from training.dataset.dataset import Dataset
from training.network.standardisation import Standardisation
from training.run.start.start_weights import restandardise
from training.run.trained_model import TrainedModel

CALIBRATION_CROPS = VERIFICATION_CROPS = 500


@dataclass(frozen=True)
class HeadDistance:
    """How far calibrated int8 is from Keras with one form of the head, in px of the crop."""

    head: str
    predicts: str
    mean_px: float
    p95_px: float
    max_px: float


def compare_heads(trained: TrainedModel, dataset: Dataset) -> Iterator[HeadDistance]:
    """Calibrate and measure each form; the same crops for all of them, 500 held-out faces at last.

    Everything before the last layer is the same in all forms: folded, evened out, in int8.
    """
    network = Network.of(trained)
    calibration = calibration_crops(network, dataset, CALIBRATION_CROPS).faces
    answers = KerasAnswers.of(
        network, representative_crops(dataset, "val", VERIFICATION_CROPS, network.size_px)
    )
    even = equalised(network, calibration)
    layer, current = even.model.get_layer("coordinates"), even.standardisation
    for head, predicts, form in _forms(trained.standardisation, even.standardisation):
        restandardise(layer, current, form)
        current = form
        outputs = LiteModel(convert(even.model, "int8", calibration)).run(answers.crops.faces)[0]
        yield _distance(head, predicts, form.undo(outputs), answers)
    if trained.config.head_rank:
        outputs = _with_float_decoder(even.model, calibration, answers.crops.faces)
        predicts = "the code in int8, its last layer in float"
        yield _distance("float head", predicts, current.undo(outputs), answers)


def _forms(
    trained: Standardisation, even: Standardisation
) -> tuple[tuple[str, str, Standardisation], ...]:
    zero, one = np.zeros_like(trained.mean), np.ones_like(trained.std)
    return (
        ("raw", "places in the crop", Standardisation(zero, one)),
        ("residual", "places less the mean face", Standardisation(trained.mean, one)),
        ("standardised", "the same over its standard deviation", trained),
        ("evened", "the same over its largest swing", even),
    )


def _with_float_decoder(
    model: GraphModel, calibration: Uint8Image, crops: Uint8Image
) -> FloatArray:
    """Outputs (C, N, 3) where only what comes before the last layer is in int8."""
    import tf_keras

    decoder = model.get_layer("coordinates")
    code = tf_keras.Model(model.input, decoder.input)
    lite = LiteModel(convert(code, "int8", calibration))
    kernel, bias = decoder.get_weights()
    outputs = []
    for crop in crops:
        lite.invoke(crop)
        code_values = lite.interpreter.get_tensor(lite.outputs[0].index).reshape(-1)
        outputs.append((code_values @ kernel[0, 0] + bias).reshape(-1, 3))
    return np.stack(outputs)


def _distance(
    head: str, predicts: str, landmarks: FloatArray, answers: KerasAnswers
) -> HeadDistance:
    points_px = from_crop_units(landmarks, answers.crops.faces.shape[1])[..., :2]
    distance = np.linalg.norm(points_px - answers.points_px, axis=-1)
    p95 = float(np.percentile(distance, 95))
    return HeadDistance(head, predicts, float(distance.mean()), p95, float(distance.max()))
