"""A narrower MobileNetV1 without batch norms from a trained one.

Of every map those channels are kept from which the others can best be told, as the layer behind
them weighs it; what reads the map then reads, of the others, what the kept ones tell of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from scipy.linalg import qr

from edge_runtime.arrays import Int64Array
from training.network.keras_model import Array, KerasModel
from training.network.mobilenet_v1 import AGAIN, PATCHES
from training.run.start.slimming import BLOCK_NAMES, layer_names

HEAD = "shape_code"  # reads the last block's map, averaged
MAP_READERS = ("detail_squeeze", "visibility_squeeze", HEAD)  # beside the blocks
FEATURE_READERS = ("presence_map", "expression_map", "visibility_code")  # what HEAD does, first
RIDGE = 1e-4  # in parts of the mean variance: channels that always agree are one


def narrow(
    source: KerasModel, model: KerasModel, crops: Iterable[Array], keras: ModuleType
) -> tuple[set[str], dict[str, Int64Array]]:
    """Set layers that are narrower; returns their names, and the channels kept of maps by theirs.

    crops: batches (B, S, S, 3), as the network takes them, of which the maps' covariances are
    taken. A block that stands behind another one than in the source keeps its random weights.
    """
    maps_before, theirs = _maps_before(model), _maps_before(source)
    same = {block: maps for block, maps in maps_before.items() if theirs.get(block) == maps}
    # What reads a map decides what is kept of it.
    reader_of = {maps: f"{block}_pointwise" for block, maps in same.items()}
    reader_of[f"{[*maps_before][-1]}_pointwise_relu"] = HEAD
    heads = [name for name in MAP_READERS if name in layer_names(model)]
    inputs = _measure(source, {*reader_of.values(), *heads}, crops, keras)
    kept = {
        maps: inputs[reader].strongest(
            source.get_layer(reader).get_weights()[0], model.get_layer(maps).output.shape[-1]
        )
        for maps, reader in reader_of.items()
    }
    narrowing = _Narrowing(source, model, inputs, kept)
    done = {name for block, maps in same.items() for name in narrowing.set_block(block, maps)}
    stem = _stem(model)
    if f"{stem}_relu" in kept:
        weights = source.get_layer(stem).get_weights()
        model.get_layer(stem).set_weights([one[..., kept[f"{stem}_relu"]] for one in weights])
        done.add(stem)
    for name in heads:
        read = source.get_layer(name).input
        maps = next((one for one in kept if source.get_layer(one).output is read), [*kept][-1])
        narrowing.set_reader(name, maps, name)
    features = [name for name in FEATURE_READERS if name in layer_names(model)]
    for name in features:
        narrowing.set_reader(name, [*kept][-1], HEAD)
    return done | {*heads, *features}, kept


def _stem(model: KerasModel) -> str:
    return PATCHES if PATCHES in layer_names(model) else "conv1"


def _maps_before(model: KerasModel) -> dict[str, str]:
    """Each block and the layer whose map it reads, in their order."""
    names = (block + part for block in BLOCK_NAMES for part in ("", AGAIN))
    blocks = [name for name in names if f"{name}_depthwise" in layer_names(model)]
    maps = [f"{_stem(model)}_relu", *(f"{name}_pointwise_relu" for name in blocks)]
    return dict(zip(blocks, maps))


def _measure(
    source: KerasModel, readers: set[str], crops: Iterable[Array], keras: ModuleType
) -> dict[str, _Inputs]:
    """The moments of what each of the readers reads."""
    names = sorted(readers)
    probe = keras.Model(source.input, [source.get_layer(name).input for name in names])
    sizes = [one.shape[-1] for one in probe.outputs]
    sums = [(np.zeros(size), np.zeros((size, size))) for size in sizes]
    for count, images in enumerate(crops, 1):
        for number, maps in enumerate(probe.predict_on_batch(images)):
            places = np.asarray(maps, np.float64).reshape(-1, maps.shape[-1])
            mean, square = sums[number]
            mean = mean + (places.mean(axis=0) - mean) / count
            square = square + (places.T @ places / len(places) - square) / count
            sums[number] = mean, square
    moments = (_Inputs(mean, square - np.outer(mean, mean)) for mean, square in sums)
    return dict(zip(names, moments))


@dataclass(frozen=True)
class _Inputs:
    """What a layer reads at a place: mean (C,) and covariance (C, C) of its channels."""

    mean: Array
    covariance: Array

    def strongest(self, kernel: Array, count: int) -> Int64Array:
        """Channels, ascending, that tell most of what the kernel (1, 1, C, D) makes of all."""
        weights = np.linalg.norm(kernel[0, 0, : len(self.mean)], axis=1)
        values, axes = np.linalg.eigh(self.covariance * np.outer(weights, weights))
        root = np.sqrt(np.maximum(values, 0))[:, None] * axes.T
        order: Int64Array = qr(root, mode="r", pivoting=True)[1]
        return np.sort(order[:count])

    def told_by(self, chosen: Int64Array) -> tuple[Array, Array]:
        """All channels' best linear guess from the chosen: a matrix (chosen, C), an offset (C,)."""
        among = self.covariance[np.ix_(chosen, chosen)]
        ridge = RIDGE * np.trace(self.covariance) / len(self.mean) * np.eye(len(chosen))
        told = np.linalg.solve(among + ridge, self.covariance[chosen])
        told[:, chosen] = np.eye(len(chosen))
        return told, self.mean - self.mean[chosen] @ told


@dataclass(frozen=True)
class _Narrowing:
    source: KerasModel
    model: KerasModel
    inputs: dict[str, _Inputs]
    kept: dict[str, Int64Array]

    def set_block(self, block: str, maps: str) -> tuple[str, str]:
        """Set both convolutions of a block that reads the maps; returns their names."""
        depthwise, pointwise = (f"{block}_{part}" for part in ("depthwise", "pointwise"))
        kernel, bias = self.source.get_layer(depthwise).get_weights()
        chosen = self.kept[maps]
        self.model.get_layer(depthwise).set_weights([kernel[:, :, chosen], bias[chosen]])
        self.set_reader(pointwise, maps, pointwise, self.kept[f"{pointwise}_relu"])
        return depthwise, pointwise

    def set_reader(
        self, name: str, maps: str, moments: str, outputs: Int64Array | slice = slice(None)
    ) -> None:
        """Set a convolution of 1 x 1 that reads the maps first, by the moments of one that does."""
        kernel, bias = self.source.get_layer(name).get_weights()
        kernel, bias = kernel[0, 0][:, outputs], bias[outputs]
        inputs = self.inputs[moments]
        count = len(inputs.mean)
        told, constant = inputs.told_by(self.kept[maps])
        narrowed = np.concatenate([told @ kernel[:count], kernel[count:]])
        self.model.get_layer(name).set_weights(
            [narrowed[None, None], bias + constant @ kernel[:count]]
        )
