"""Moves scales between neighbouring layers, exactly, so that int8 steps are spent evenly.

TFLite gives an activation tensor one scale for all its channels. ReLU, zero padding and averaging
let a positive factor per channel pass, so a channel's factor can move from the layer before into
the layer after without changing the result (arXiv:1906.04721, section 4.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import dct

from conversion.folded_model import folded
from conversion.layer_graph import (
    Convolution,
    GraphModel,
    is_convolution,
    is_depthwise,
    kind,
    source_layer,
)
from conversion.network import Network
from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from training.network.model import network_input
from training.network.standardisation import Standardisation

# Layers that commute with a positive factor per channel; ReLU only without a ceiling.
TRANSPARENT = ("ReLU", "ZeroPadding2D", "GlobalAveragePooling2D")
# How much of a channel's range moves into a full convolution, which pays for it with the precision
# of its other weights; a depthwise one has a scale per channel and pays nothing
# (arXiv:2211.10438, equation 4).
SHARE_INTO_CONVOLUTION = 0.3
QUIETEST = 1e-3  # of the loudest channel: below, a channel is as good as dead


def equalised(network: Network, crops: Uint8Image) -> Network:
    """The network with batch norm folded and scales evened out; the same points to float rounding.

    crops (C, S, S, 3) RGB of faces tell how far each channel, code and coordinate swings.
    """
    even = Network(folded(network.model), network.standardisation)
    image = network_input(crops)
    pairs = _pairs(even.model)
    for pair, swing in zip(pairs, _swings(even.model, pairs, image)):
        pair.move(swing)
    if any(layer.name == "shape_code" for layer in even.model.layers):
        _even_out_codes(even, image)
    return _with_even_outputs(even, image)


@dataclass(frozen=True, eq=False)
class LayerPair:
    """A convolution and those that take its output, through nothing but transparent layers."""

    source: Convolution
    targets: tuple[Convolution, ...]

    def move(self, swing: Float64Array) -> None:
        """Divide the source's channels by a factor and multiply the targets' inputs by it.

        swing (channels,): the largest value of each channel where it enters the targets.
        """
        factor = np.maximum(swing, QUIETEST * swing.max())
        full = [target for target in self.targets if not is_depthwise(target)]
        if full:
            reach = np.max([_input_reach(target) for target in full], axis=0)
            reach = np.maximum(reach, QUIETEST * reach.max())
            factor = factor**SHARE_INTO_CONVOLUTION / reach ** (1 - SHARE_INTO_CONVOLUTION)
        factor /= factor.max()
        kernel, bias = self.source.get_weights()
        divisor = factor[:, None] if is_depthwise(self.source) else factor
        self.source.set_weights([kernel / divisor, bias / factor])
        for target in self.targets:
            kernel, *rest = target.get_weights()
            target.set_weights([kernel * factor[:, None], *rest])


def _input_reach(convolution: Convolution) -> Float64Array:
    """Largest weight that each input channel meets, in parts of the largest of its output."""
    kernel = np.abs(convolution.get_weights()[0])
    largest = np.maximum(kernel.max(axis=(0, 1, 2)), 1e-12)
    return np.asarray((kernel / largest).max(axis=(0, 1, 3)))


def _pairs(model: GraphModel) -> list[LayerPair]:
    found = [
        LayerPair(layer, tuple(_targets(layer)))
        for layer in model.layers
        if is_convolution(layer) and layer.activation.__name__ == "linear"
    ]
    return [pair for pair in found if pair.targets]


def _targets(source: Convolution) -> list[Convolution]:
    """The convolutions behind a ReLU; none where something else takes the output as well."""
    targets: list[Convolution] = []
    has_relu = False
    waiting = [node.layer for node in source.outbound_nodes]
    while waiting:
        layer = waiting.pop()
        if is_convolution(layer):
            targets.append(layer)
            continue
        if kind(layer) not in TRANSPARENT or getattr(layer, "max_value", None) is not None:
            return []
        has_relu = has_relu or kind(layer) == "ReLU"
        waiting += [node.layer for node in layer.outbound_nodes]
    return targets if has_relu else []


def _swings(model: GraphModel, pairs: list[LayerPair], image: FloatArray) -> list[Float64Array]:
    """Largest value per channel over all crops, where each pair's first target takes it in."""
    import tensorflow as tf
    import tf_keras

    inputs = [source_layer(pair.targets[0]).output for pair in pairs]
    watcher = tf_keras.Model(model.input, [tf.reduce_max(one, axis=(1, 2)) for one in inputs])
    return [np.max(each, axis=0).astype(np.float64) for each in watcher.predict(image, verbose=0)]


def _even_out_codes(network: Network, image: FloatArray) -> None:
    """Another basis for the head's code, in which all of its numbers swing alike.

    With the code's principal directions of strength s (their effect on the points, in px), the
    rounding of code and weights costs least when each is stretched to sqrt(s) and all are then
    mixed by a rotation: its square goes from sum(s**2) to sum(s)**2 / rank.
    """
    import tf_keras

    encoder, decoder = (network.model.get_layer(name) for name in ("shape_code", "coordinates"))
    rank = decoder.get_weights()[0].shape[-2]
    codes = tf_keras.Model(network.model.input, encoder.output).predict(image, verbose=0)
    codes = codes.reshape(-1, rank).astype(np.float64)
    mean = codes.mean(axis=0)
    kernel, bias = (array.astype(np.float64) for array in decoder.get_weights())
    variance, axes = np.linalg.eigh(np.cov(codes.T))
    deviation = np.sqrt(np.maximum(variance, max(1e-6 * variance.max(), 1e-12)))
    effect = (kernel[0, 0].T @ axes) * deviation * network.standardisation.std.reshape(-1, 1)
    _, strength, directions = np.linalg.svd(effect, full_matrices=False)
    stretch = np.sqrt(np.maximum(strength, QUIETEST * strength.max()))
    # Every row of the cosine transform is flat: each new number takes a little of all directions.
    mix = dct(np.eye(rank), norm="ortho", axis=0) * stretch
    to_new = mix @ directions @ (axes / deviation).T
    to_old = np.linalg.inv(to_new)
    first, first_bias = (array.astype(np.float64) for array in encoder.get_weights())
    encoder.set_weights([first @ to_new.T, to_new @ (first_bias - mean)])
    decoder.set_weights([to_old.T @ kernel, bias + mean @ kernel[0, 0]])


def _with_even_outputs(network: Network, image: FloatArray) -> Network:
    """Every coordinate scaled to swing from -1 to 1, so that none leaves steps unused."""
    layer = network.model.get_layer("coordinates")
    outputs = network.model.predict(image, verbose=0)["landmarks"]
    low, high = outputs.min(axis=0), outputs.max(axis=0)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1e-6)
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel / half.reshape(-1), (bias - middle.reshape(-1)) / half.reshape(-1)])
    old = network.standardisation
    return Network(network.model, Standardisation(old.mean + old.std * middle, old.std * half))
