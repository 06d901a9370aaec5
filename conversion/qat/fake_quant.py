"""The fake-quant graph: a folded network that rounds in training as its int8 file will.

tensorflow-model-optimization wraps the layers; what is rounded where follows TFLite's kernels, not
its default scheme, which gives a depthwise kernel one scale for all channels and leaves the weights
of a convolution without batch norm as they are when a ReLU follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
import tf_keras
from tensorflow_model_optimization.quantization import keras as tfmot

from conversion.errors import ConversionError
from conversion.layer_graph import (
    Activation,
    Convolution,
    GraphLayer,
    GraphModel,
    is_convolution,
    is_depthwise,
    kind,
)
from conversion.output_ranges import LANDMARK_ROOM, LOGIT_LIMIT
from edge_runtime.arrays import Uint8Image
from training.network.keras_model import KerasLayer, Tensor
from training.network.model import network_input

INPUT_NAME = "image"
WEIGHT_STEPS = 127  # TFLite keeps weights symmetric: -127 to 127
STRETCH_RATE = 10.0  # times the learning rate of a weight
# Layers whose result takes a range of its own, and those that hand their input's range through.
RANGED = ("ReLU", "GlobalAveragePooling2D", "Add", "Concatenate")
TRANSPARENT = ("ZeroPadding2D", "Reshape")
# A step of 2 / 255 for pixels that lie 1 / 128 apart: with a step of 1 / 128 every pixel would fall
# between two steps, and which one it takes would be up to the kernel.
INPUT_RANGE = (-1.0, 1.0)
# The logit's range in every integer file: see `output_ranges.py`.
LOGIT_RANGE = (-LOGIT_LIMIT, LOGIT_LIMIT * 127 / 128)
LANDMARK_LAYER = "coordinates"
Weights = dict[str, Tensor]
ACTIVATIONS = ("linear", "relu", "sigmoid")


class ChannelWeights(tfmot.quantizers.Quantizer):  # type: ignore[misc]
    """Rounds a kernel to 8 bits with one scale per output channel, the largest weight's.

    In ordinary operators, which the converter folds into the constant: fake-quant operators know
    channels only on the last axis, where a depthwise kernel has none.
    """

    def __init__(self, depthwise: bool) -> None:
        self.depthwise = depthwise

    def build(self, tensor_shape: Any, name: str, layer: Any) -> Weights:
        return {}

    def __call__(self, inputs: Tensor, training: bool, weights: Weights, **kwargs: Any) -> Tensor:
        step = tf.stop_gradient(largest_weights(inputs, self.depthwise) / WEIGHT_STEPS)
        return inputs + tf.stop_gradient(tf.round(inputs / step) * step - inputs)

    def get_config(self) -> dict[str, Any]:
        return {"depthwise": self.depthwise}


def largest_weights(kernel: Tensor, depthwise: bool) -> Tensor:
    """Size of each output channel's largest weight, in a shape that divides the kernel."""
    axes = (0, 1, 3) if depthwise else (0, 1, 2)
    return tf.maximum(tf.reduce_max(tf.abs(kernel), axis=axes, keepdims=True), 1e-9)


class ActivationRange(tfmot.quantizers.Quantizer):  # type: ignore[misc]
    """Rounds a tensor to 256 steps of a range that `set_ranges` fills and training stretches.

    A shorter range has finer steps and cuts off more; the stretch learns what costs less
    (arXiv:1902.08153, equation 3, here for the logarithm of the step). A fixed range, if given,
    stays what it is, and one that is not stretched what `set_ranges` makes it.
    """

    def __init__(self, fixed: tuple[float, float] | None, stretched: bool = True) -> None:
        self.fixed, self.stretched = fixed, stretched

    def build(self, tensor_shape: Any, name: str, layer: Any) -> Weights:
        def variable(suffix: str, trainable: bool) -> Tensor:
            return layer.add_weight(
                f"{name}_{suffix}", shape=(), initializer="zeros", trainable=trainable
            )

        return {
            "min": variable("min", False),
            "max": variable("max", False),
            "stretch": variable("stretch", True),
        }

    def __call__(self, inputs: Tensor, training: bool, weights: Weights, **kwargs: Any) -> Tensor:
        low, high = self.fixed or (weights["min"], weights["max"])
        is_stretched = self.stretched and not self.fixed
        log_stretch = (STRETCH_RATE if is_stretched else 0.0) * weights["stretch"]
        low, high = low * tf.exp(log_stretch), high * tf.exp(log_stretch)
        if training:
            return _stepped(inputs, low, high, log_stretch)
        return tf.quantization.fake_quant_with_min_max_vars(inputs, low, high)

    def get_config(self) -> dict[str, Any]:
        return {"fixed": self.fixed, "stretched": self.stretched}


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _stepped(values: Tensor, low: Tensor, high: Tensor, log_stretch: Tensor) -> Tensor:
    """Values on the steps from low to high, both already stretched; the gradient is the stretch's.

    TensorFlow's own lets a range grow by what it cuts off, but never shrink for finer steps.
    """
    result = tf.quantization.fake_quant_with_min_max_vars(values, low, high)

    def gradient(upstream: Tensor) -> tuple[Tensor, None, None, Tensor]:
        inside = tf.cast((values >= low) & (values <= high), values.dtype)
        passed = upstream * inside
        # A value on the range's end moves with it, one inside by its rounding error.
        return passed, None, None, tf.reduce_sum(upstream * result) - tf.reduce_sum(passed * values)

    return result, gradient


class LayerRounding(tfmot.QuantizeConfig):  # type: ignore[misc]
    """What of a layer is rounded: its kernel (by name, if any), its activation, its output."""

    def __init__(self, kernel: str, activation: bool, output: bool) -> None:
        self.kernel, self.activation, self.output = kernel, activation, output

    def get_weights_and_quantizers(self, layer: GraphLayer) -> list[Any]:
        if not self.kernel:
            return []
        return [(getattr(layer, self.kernel), ChannelWeights(is_depthwise(layer)))]

    def get_activations_and_quantizers(self, layer: Convolution) -> list[Any]:
        if not self.activation:
            return []
        is_logit = layer.activation.__name__ == "sigmoid"
        # Left to the mean distance, the landmarks' range would shrink onto the usual faces.
        activation_range = ActivationRange(
            LOGIT_RANGE if is_logit else None, stretched=layer.name != LANDMARK_LAYER
        )
        return [(layer.activation, activation_range)]

    def set_quantize_weights(self, layer: GraphLayer, quantize_weights: Sequence[Tensor]) -> None:
        if self.kernel:
            setattr(layer, self.kernel, quantize_weights[0])

    def set_quantize_activations(
        self, layer: Convolution, quantize_activations: Sequence[Activation]
    ) -> None:
        if self.activation:
            layer.activation = quantize_activations[0]

    def get_output_quantizers(self, layer: GraphLayer) -> list[Any]:
        is_input = layer.name == INPUT_NAME
        return [ActivationRange(INPUT_RANGE if is_input else None)] if self.output else []

    def get_config(self) -> dict[str, Any]:
        return {"kernel": self.kernel, "activation": self.activation, "output": self.output}


def fake_quant(model: GraphModel) -> GraphModel:
    """A tf_keras model with batch norm folded, wrapped to round as its int8 file will.

    Same layer names behind "quant_", same weights; the ranges of activations are still empty: see
    `set_ranges`. Raises ConversionError naming a layer that int8 kernels do not have.
    """
    image = tf_keras.Input(model.input_shape[1:], name="image")
    first = tf_keras.layers.Activation("linear", name=INPUT_NAME)
    made = {id(model.input): _wrapped(first, LayerRounding("", False, True))(image)}
    for layer in model.layers[1:]:
        source = layer.input
        inputs = [made[id(x)] for x in source] if isinstance(source, list) else made[id(source)]
        fresh = type(layer).from_config(layer.get_config())
        # Before it is wrapped: a wrapped layer hands out its rounded kernel.
        fresh.build(layer.input_shape)
        fresh.set_weights(layer.get_weights())
        made[id(layer.output)] = _wrapped(fresh, _rounding(layer))(inputs)
    outputs = {name: made[id(tensor)] for name, tensor in model.output.items()}
    wrapped: GraphModel = tf_keras.Model(image, outputs, name=model.name)
    return wrapped


def _wrapped(layer: GraphLayer, rounding: LayerRounding) -> Callable[[Tensor], Tensor]:
    wrapper: Callable[[Tensor], Tensor] = tfmot.QuantizeWrapperV2(
        layer, rounding, name_prefix="quant_"
    )
    return wrapper


def _rounding(layer: GraphLayer) -> LayerRounding:
    if kind(layer) in TRANSPARENT:
        return LayerRounding("", False, False)
    if kind(layer) in RANGED:
        return LayerRounding("", False, True)
    if is_convolution(layer) and layer.activation.__name__ in ACTIVATIONS:
        # A ReLU that follows becomes part of the kernel: nothing is rounded between the two. What
        # only goes into one Concatenate takes the range of all that is joined there.
        followers = [kind(node.layer) for node in layer.outbound_nodes]
        rounded = "ReLU" not in followers and followers != ["Concatenate"]
        return LayerRounding(
            "depthwise_kernel" if is_depthwise(layer) else "kernel", rounded, False
        )
    raise ConversionError(
        f"layer {layer.name} ({kind(layer)}) has no int8 kernel that quantization-aware training "
        "could imitate. Build the model from convolutions, ReLU or ReLU6, sums, averages and what "
        "is joined of them (hard swish and squeeze-excite do not quantize), or export it without "
        "--qat."
    )


def set_ranges(model: GraphModel, source: GraphModel, crops: Uint8Image) -> None:
    """Give every rounded activation of a fake-quant model its range in the float one it is made of.

    crops (C, S, S, 3): RGB faces, which the smallest and largest values are taken over.
    """
    layers = [layer for layer in source.layers[1:] if _has_range(layer)]
    extremes = [_extremes(layer.output) for layer in layers]
    watched = tf_keras.Model(source.input, extremes).predict(network_input(crops), verbose=0)
    for layer, (low, high) in zip(layers, watched):
        # Zero must be one of the steps: padding and ReLU are exact then.
        wrapper = model.get_layer(f"quant_{layer.name}")
        room = LANDMARK_ROOM if layer.name == LANDMARK_LAYER else 1.0
        _set_range(wrapper, room * min(0.0, float(low.min())), room * max(0.0, float(high.max())))


def _has_range(layer: GraphLayer) -> bool:
    rounding = _rounding(layer)
    return rounding.activation or rounding.output


def _extremes(tensor: Tensor) -> tuple[Tensor, Tensor]:
    axes = tuple(range(1, len(tensor.shape)))
    return tf.reduce_min(tensor, axis=axes), tf.reduce_max(tensor, axis=axes)


def _set_range(wrapper: KerasLayer, low: float, high: float) -> None:
    for variable in wrapper.weights:
        if variable.name.endswith(("_min:0", "_max:0")):
            variable.assign(low if variable.name.endswith("_min:0") else high)
