"""Keras to TFLite: float32, and int8 by post-training quantization."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import Face520Error
from training.model import network_input
from training.trained_model import TrainedModel

Uint8Images = NDArray[np.uint8]
Variant = Literal["float32", "int8"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)


class ConversionError(Face520Error):
    """A model cannot be converted as asked, or the result failed its verification."""


def convert(model: Any, variant: Variant, calibration_crops: Uint8Images | None) -> bytes:
    """TFLite flatbuffer of a tf_keras model; batch 1, float32 input and outputs.

    calibration_crops (C, S, S, 3) RGB set the int8 ranges; raises ConversionError when int8 is
    asked for without them.
    """
    import tensorflow as tf

    side = model.input_shape[1]
    # A fixed batch of 1 spares the device shape arithmetic that a free one leaves in the graph.
    spec = tf.TensorSpec((1, side, side, 3), tf.float32, name="image")
    function = tf.function(lambda image: model(image, training=False)).get_concrete_function(spec)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)
    if variant == "int8":
        if calibration_crops is None or not len(calibration_crops):
            raise ConversionError(
                "int8 needs real faces to calibrate on. "
                "Pass --dataset with the folder that `face520-train dataset build` wrote."
            )
        crops = calibration_crops
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: _one_by_one(crops)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    flatbuffer: bytes = converter.convert()
    return flatbuffer


def build_for_conversion(trained: TrainedModel) -> Any:
    """The trained model in tf_keras, whose graphs the converter and tfmot understand."""
    import tf_keras

    return trained.build(tf_keras)


def _one_by_one(crops: Iterable[Uint8Images]) -> Iterator[list[NDArray[np.float32]]]:
    for crop in crops:
        yield [network_input(crop[None])]
