"""A narrower MobileNetV1 from a trained one.

Of every layer those channels are kept that move the next layer most, and the batch norms'
statistics are measured anew, since their sums have lost terms.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np

from edge_runtime.arrays import Int64Array
from training.errors import TrainedModelError
from training.network.keras_model import Array, KerasModel
from training.network.regressor_config import MOBILENET_V1_BLOCKS
from training.run.trained_model import TrainedModel

BLOCK_NAMES = tuple(f"block{number:02d}" for number in range(1, len(MOBILENET_V1_BLOCKS) + 1))


def slim(source: KerasModel, model: KerasModel, trained: TrainedModel) -> None:
    """Copy the strongest channels of every layer of a MobileNetV1."""
    if 0 in (backbone_width(source), backbone_width(model)):
        raise TrainedModelError(
            f"{trained.weights}: is a {trained.config.backbone}, and the new model has another "
            "backbone. Start from a model with the same, a mobilenet_v1 also from the .npz."
        )
    wanted = {"conv1", "conv1_bn"}
    for name, part in product(BLOCK_NAMES, ("depthwise", "pointwise")):
        wanted |= {f"{name}_{part}", f"{name}_{part}_bn"}
    is_whole = all(wanted <= layer_names(one) for one in (source, model))
    if not is_whole or trained.config.repeated:
        raise TrainedModelError(
            f"{trained.weights}: a narrower network is cut only from a mobilenet_v1 as published "
            "into another, both with batch norms. Train that one, and start from it."
        )
    kept = _strongest(source, "block01", channel_count(model, "conv1"), trained)
    _copy(source, model, "conv1", (slice(None), kept))
    _copy_batch_norm(source, model, "conv1_bn", kept)
    for number, name in enumerate(BLOCK_NAMES):
        _copy(source, model, f"{name}_depthwise", (kept, slice(None)))
        _copy_batch_norm(source, model, f"{name}_depthwise_bn", kept)
        following = BLOCK_NAMES[number + 1] if number + 1 < len(BLOCK_NAMES) else None
        out = _strongest(source, following, channel_count(model, f"{name}_pointwise"), trained)
        _copy(source, model, f"{name}_pointwise", (kept, out))
        _copy_batch_norm(source, model, f"{name}_pointwise_bn", out)
        kept = out


def backbone_width(model: KerasModel) -> int:
    """Channels of the last block but one of a mobilenet_v1; 0 of another backbone."""
    last = f"{BLOCK_NAMES[-2]}_pointwise"
    return channel_count(model, last) if last in layer_names(model) else 0


def channel_count(model: KerasModel, layer: str) -> int:
    return int(model.get_layer(layer).get_weights()[0].shape[-1])


def _strongest(
    source: KerasModel, block: str | None, count: int, trained: TrainedModel
) -> Int64Array:
    """Channels, in ascending order, that move the following layer most.

    Into a block: the scale of the channel's depthwise batch norm times the norm of its row in the
    pointwise kernel. Into the head (block None): the scale of its own batch norm times its row.
    """
    if block is None:
        scale = source.get_layer(f"{BLOCK_NAMES[-1]}_pointwise_bn").get_weights()[0]
        head = "shape_code" if trained.config.head_rank else "coordinates"
        rows = source.get_layer(head).get_weights()[0]
    else:
        scale = source.get_layer(f"{block}_depthwise_bn").get_weights()[0]
        rows = source.get_layer(f"{block}_pointwise").get_weights()[0]
    strength = np.abs(scale) * np.linalg.norm(rows[0, 0], axis=1)
    if count > len(strength):
        raise TrainedModelError(
            f"{trained.weights}: has {len(strength)} channels where the new model wants {count}; "
            "start from a model at least as wide."
        )
    return np.sort(np.argsort(-strength)[:count])


def measure_batch_norms(model: KerasModel, crops: Iterable[Array], keras: ModuleType) -> None:
    """Set every batch norm's mean and variance to their averages over the batches."""
    norms = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
    usual = [norm.momentum for norm in norms]
    for count, batch in enumerate(crops):
        for norm in norms:
            norm.momentum = count / (count + 1)  # the average of all batches so far
        model(batch, training=True)
    for norm, momentum in zip(norms, usual):
        norm.momentum = momentum


def _copy(source: KerasModel, model: KerasModel, layer: str, chosen: tuple[Any, Any]) -> None:
    """The chosen (inputs, outputs) of a kernel (h, w, inputs, outputs)."""
    kernel = source.get_layer(layer).get_weights()[0]
    model.get_layer(layer).set_weights([kernel[:, :, chosen[0]][:, :, :, chosen[1]]])


def _copy_batch_norm(source: KerasModel, model: KerasModel, layer: str, kept: Int64Array) -> None:
    model.get_layer(layer).set_weights([w[kept] for w in source.get_layer(layer).get_weights()])


def layer_names(model: KerasModel) -> set[str]:
    """Names of all of its layers."""
    return {layer.name for layer in model.layers}
