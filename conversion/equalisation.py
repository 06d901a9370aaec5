"""Moves scales between neighbouring layers, exactly, so that int8 steps are spent evenly.

TFLite gives an activation tensor one scale for all its channels. ReLU, zero padding and averaging
let a positive factor per channel pass, so a channel's factor can move from the layer before into
the layer after without changing the result (arXiv:1906.04721, section 4.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.fft import dct

from conversion.channel_readers import Reader, readers
from conversion.folded_model import folded
from conversion.layer_graph import (
    Convolution,
    GraphLayer,
    GraphModel,
    is_convolution,
    is_depthwise,
    kind,
)
from conversion.network import Network
from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from training.network.model import network_input
from training.network.standardisation import Standardisation

# Layers that commute with a positive factor per channel; ReLU only without a ceiling.
TRANSPARENT = ("ReLU", "ZeroPadding2D", "GlobalAveragePooling2D", "Reshape", "Concatenate")
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
    for encoder, decoders in _codes(even.model):
        _even_out(encoder, decoders, even, image)
    return _with_even_outputs(even, image)


@dataclass(frozen=True, eq=False)
class LayerPair:
    """A convolution and those that read its output, through nothing but transparent layers."""

    source: Convolution
    readers: tuple[Reader, ...]

    def move(self, swing: Float64Array) -> None:
        """Divide the source's channels by a factor and multiply the readers' inputs by it.

        swing (channels,): the largest value of each channel where it is read.
        """
        factor = np.maximum(swing, QUIETEST * swing.max())
        full = [reader for reader in self.readers if not is_depthwise(reader.layer)]
        if full:
            reach = np.max([_input_reach(reader, len(swing)) for reader in full], axis=0)
            reach = np.maximum(reach, QUIETEST * reach.max())
            factor = factor**SHARE_INTO_CONVOLUTION / reach ** (1 - SHARE_INTO_CONVOLUTION)
        factor /= factor.max()
        if any(reader.is_joined for reader in self.readers):
            # What is joined shares one scale: all of it swings to 1.
            factor *= max((swing / factor).max(), 1e-12)
        kernel, bias = self.source.get_weights()
        divisor = factor[:, None] if is_depthwise(self.source) else factor
        self.source.set_weights([kernel / divisor, bias / factor])
        for reader in self.readers:
            kernel, *rest = reader.layer.get_weights()
            reader.part_of(kernel)[:] *= np.tile(factor, reader.count // len(factor))[:, None]
            reader.layer.set_weights([kernel, *rest])


def _input_reach(reader: Reader, channels: int) -> Float64Array:
    """Largest weight that each channel meets, in parts of the largest of that output."""
    kernel = np.abs(reader.layer.get_weights()[0])
    largest = np.maximum(kernel.max(axis=(0, 1, 2)), 1e-12)
    reach = reader.part_of(kernel / largest).max(axis=(0, 1, 3))
    return np.asarray(reach.reshape(-1, channels).max(axis=0), np.float64)


def _pairs(model: GraphModel) -> list[LayerPair]:
    found = [
        LayerPair(layer, tuple(readers(layer, TRANSPARENT)))
        for layer in model.layers
        if is_convolution(layer) and layer.activation.__name__ == "linear" and _has_relu(layer)
    ]
    return [pair for pair in found if pair.readers]


def _has_relu(layer: GraphLayer) -> bool:
    return [kind(node.layer) for node in layer.outbound_nodes] == ["ReLU"]


def _swings(model: GraphModel, pairs: list[LayerPair], image: FloatArray) -> list[Float64Array]:
    """Largest value per channel over all crops, where each pair's first reader takes it in."""
    import tensorflow as tf
    import tf_keras

    inputs = [pair.readers[0].carrier.output for pair in pairs]
    watcher = tf_keras.Model(model.input, [tf.reduce_max(one, axis=(1, 2)) for one in inputs])
    return [np.max(each, axis=0).astype(np.float64) for each in watcher.predict(image, verbose=0)]


def _codes(model: GraphModel) -> Iterator[tuple[Convolution, list[Reader]]]:
    """The few numbers that a head says all of its outputs with, and the layers that read them."""
    for layer in model.layers:
        if not is_convolution(layer) or layer.output_shape[1:3] != (1, 1):
            continue
        found = readers(layer, ("Concatenate",))
        if found and layer.activation.__name__ == "linear":
            yield layer, found


def _even_out(
    encoder: Convolution, decoders: list[Reader], network: Network, image: FloatArray
) -> None:
    """Another basis for a code, in which all of its numbers swing alike, the largest to 1.

    With the code's principal directions of strength s (their effect on the points, in px, or on
    the outputs where no point hangs on it), the rounding of code and weights costs least when each
    is stretched to sqrt(s) and all are then mixed by a rotation: its square goes from sum(s**2) to
    sum(s)**2 / rank.
    """
    import tf_keras

    rank = encoder.output_shape[-1]
    codes = tf_keras.Model(network.model.input, encoder.output).predict(image, verbose=0)
    codes = codes.reshape(-1, rank).astype(np.float64)
    mean = codes.mean(axis=0)
    variance, axes = np.linalg.eigh(np.cov(codes.T))
    deviation = np.sqrt(np.maximum(variance, max(1e-6 * variance.max(), 1e-12)))
    effect = (_said(decoders, network).T @ axes) * deviation
    square, directions = np.linalg.eigh(effect.T @ effect)
    strength = np.sqrt(np.maximum(square, 0))
    stretch = np.sqrt(np.maximum(strength, QUIETEST * strength.max()))
    # Every row of the cosine transform is flat: each new number takes a little of all directions.
    mix = dct(np.eye(rank), norm="ortho", axis=0) * stretch
    to_new = mix @ directions.T @ (axes / deviation).T
    to_new /= max(np.abs((codes - mean) @ to_new.T).max(), 1e-12)
    to_old = np.linalg.inv(to_new)
    first, first_bias = (array.astype(np.float64) for array in encoder.get_weights())
    encoder.set_weights([first @ to_new.T, to_new @ (first_bias - mean)])
    for decoder in decoders:
        kernel, bias = (array.astype(np.float64) for array in decoder.layer.get_weights())
        part = decoder.part_of(kernel)
        bias += mean @ part[0, 0]
        part[:] = to_old.T @ part
        decoder.layer.set_weights([kernel, bias])


def _said(decoders: list[Reader], network: Network) -> Float64Array:
    """What a code says (rank, n): coordinates in crop units, or whatever else is made of it."""
    parts = [(one.layer.name, one.part_of(one.layer.get_weights()[0])[0, 0]) for one in decoders]
    points = [part for name, part in parts if name == "coordinates"]
    if points:
        return np.asarray(points[0] * network.standardisation.std.reshape(-1), np.float64)
    return np.concatenate([part for _, part in parts], axis=1, dtype=np.float64)


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
