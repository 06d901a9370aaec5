"""A tf_keras model to the bytes of a TFLite file, in each variant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conversion.errors import ConversionError
from conversion.grouped_pixels import with_grouped_pixels
from conversion.layer_graph import GraphModel, kind
from conversion.output_ranges import with_output_ranges
from conversion.variant import INTEGER_VARIANTS, Variant
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.native_stderr import stderr_of_libraries_closed
from training.network.model import network_input


def convert(model: GraphModel, variant: Variant, representative: Uint8Image | None) -> bytes:
    """TFLite flatbuffer of a tf_keras model; batch 1, outputs as the model names them.

    Input and outputs are float32, those of int8-strict int8. representative (C, S, S, 3) RGB crops
    set the ranges of activations in the integer variants. A model that holds fake-quant nodes
    (quantization-aware training) brings its ranges along: give None, and int8 or int8-strict.
    Raises ConversionError when an integer variant has neither, or TensorFlow gives up.
    """
    import tensorflow as tf
    from tensorflow.lite.python.convert import ConverterError

    if variant in INTEGER_VARIANTS and representative is None and not has_fake_quant(model):
        raise ConversionError(
            f"{variant} needs real faces to calibrate on. "
            "Pass --dataset with the folder that `face520-train dataset build` wrote."
        )
    side = model.input_shape[1]
    # A fixed batch of 1 spares the device shape arithmetic that a free one leaves in the graph.
    spec = tf.TensorSpec((1, side, side, 3), tf.float32, name="image")
    function = tf.function(lambda image: model(image, training=False)).get_concrete_function(spec)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)
    if variant != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if variant == "float16":
        converter.target_spec.supported_types = [tf.float16]
    # Of a fake-quant model TensorFlow demands no operator set: it would ask for crops again.
    if variant in INTEGER_VARIANTS and representative is not None:
        crops = representative
        operators = tf.lite.OpsSet
        converter.target_spec.supported_ops = [
            operators.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
            if variant == "int16x8"
            else operators.TFLITE_BUILTINS_INT8
        ]
        converter.representative_dataset = lambda: _one_by_one(crops)
    if variant == "int8-strict":
        converter.inference_input_type = converter.inference_output_type = tf.int8
    try:
        # TensorFlow's C++ tells of options that it ignores; what matters comes as an exception.
        with stderr_of_libraries_closed():
            flatbuffer: bytes = converter.convert()
    except (ConverterError, ValueError, RuntimeError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ConversionError(f"TensorFlow cannot convert {variant}: {reason}") from error
    if variant in INTEGER_VARIANTS and representative is not None:
        flatbuffer = with_output_ranges(flatbuffer)
    # int8-strict is for processors whose compilers know usual shapes best.
    return with_grouped_pixels(flatbuffer) if variant == "int8" else flatbuffer


def has_fake_quant(model: GraphModel) -> bool:
    """Whether a tf_keras model was wrapped by tensorflow-model-optimization's quantize_apply."""
    return any(kind(layer).startswith("QuantizeWrapper") for layer in model.layers)


def _one_by_one(crops: Iterable[Uint8Image]) -> Iterator[list[FloatArray]]:
    for crop in crops:
        yield [network_input(crop[None])]
