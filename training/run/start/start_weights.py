"""Starts a model from a trained one, or its backbone from 3DDFA_V2's MobileNetV1.

Of a trained one, the same layers are taken as they are, a narrower backbone by slimming.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np

from edge_runtime.arrays import Int64Array
from training.errors import TrainedModelError
from training.network.batch_norm import folded
from training.network.keras_model import Array, KerasLayer, KerasModel
from training.network.mobilenet_v1 import AGAIN, BATCH_NORM_EPSILON, PATCHES
from training.network.model import build_model
from training.network.places import FLAT_MAPS, carried
from training.network.standardisation import Standardisation
from training.run.start.narrowing import narrow
from training.run.start.slimming import (
    BLOCK_NAMES,
    backbone_width,
    channel_count,
    layer_names,
    measure_batch_norms,
    slim,
)
from training.run.start.widening import widen
from training.run.trained_model import TrainedModel

BATCH_NORM = "_bn"  # what is added to a layer's name for the batch norm behind it
# Names of the depthwise blocks in the checkpoint, in order of depth.
CHECKPOINT_BLOCKS = (
    "dw2_1", "dw2_2", "dw3_1", "dw3_2", "dw4_1", "dw4_2",
    "dw5_1", "dw5_2", "dw5_3", "dw5_4", "dw5_5", "dw5_6", "dw6",
)  # fmt: skip


def start_from(
    model: KerasModel,
    trained: TrainedModel,
    standardisation: Standardisation,
    crops: Iterable[Array],
    keras: ModuleType,
) -> dict[str, Int64Array]:
    """Set the backbone's weights, and every other layer's that has the same shapes in both.

    Returns the channels kept of maps that are narrower without batch norms, by their layers.

    standardisation is the new model's: the head is rescaled to predict the same landmarks.
    Where the model lacks the trained one's batch norms, they are folded into its convolutions.
    A narrower mobilenet_v1 gets the strongest channels, and a wider one without batch norms answers
    as the trained one does; batches of crops (B, S, S, 3), as the network takes them, tell which
    are strong, or set the batch norms' statistics. A block that repeats another, and that the
    trained model lacks, lets its map through until it has learned better. Codes that read all of a
    map are carried to that of another input size. Raises TrainedModelError when the trained
    backbone is another, when some maps are wider and others narrower, when a model with batch norms
    is wider, or is narrower and not MobileNetV1 as published, and when a wider one reads maps of
    another size.
    """
    has_batch_norm = any(isinstance(one, keras.layers.BatchNormalization) for one in model.layers)
    source = trained.build(keras) if has_batch_norm else without_batch_norm(trained, keras)
    done, kept = set[str](), dict[str, Int64Array]()
    more = _channels_more(source, model)
    if min(more) < 0 < max(more):
        raise TrainedModelError(
            f"{trained.weights}: has more channels than the new model in some maps and fewer in "
            "others. Start from one with fewer in none, or with more in none."
        )
    if max(more) > 0 and not has_batch_norm:
        done = widen(source, model)
    elif min(more) < 0 and not has_batch_norm:
        done, kept = narrow(source, model, crops, keras)
    elif any(more) or backbone_width(source) != backbone_width(model):
        slim(source, model, trained)
        measure_batch_norms(model, crops, keras)
    new = set()
    for layer in model.layers:
        if layer.name in done:
            continue
        if fits(source, layer):
            layer.set_weights(source.get_layer(layer.name).get_weights())
        elif _is_resized(source, model, layer):
            _carry(source, model, layer)
        else:
            new.add(layer.name)
            if layer.name.endswith((f"{AGAIN}_depthwise", f"{AGAIN}_pointwise")):
                _let_through(layer)
    if "detail_code" in new:
        _silence_detail(source, model)
    restandardise(model.get_layer("coordinates"), trained.standardisation, standardisation)
    return kept


def _channels_more(source: KerasModel, model: KerasModel) -> list[int]:
    """How many channels more the blocks that both have give in the model, and what they read."""
    names = {f"{name}_pointwise" for name in BLOCK_NAMES} | {PATCHES}
    if f"{BLOCK_NAMES[0]}_depthwise" in layer_names(model):
        names.add("conv1")
    both = names & layer_names(source) & layer_names(model)
    return [channel_count(model, name) - channel_count(source, name) for name in both] or [0]


def without_batch_norm(trained: TrainedModel, keras: ModuleType) -> KerasModel:
    """A trained mobilenet_v1 with its batch norms, if it has any, folded into the convolutions."""
    source = trained.build(keras)
    model = build_model(replace(trained.config, has_batch_norm=False), keras)
    given = {layer.name: layer.get_weights() for layer in source.layers}
    for layer in model.layers:
        weights = given[layer.name]
        if norm := given.get(layer.name + BATCH_NORM):
            gamma, beta, mean, variance = norm
            kernel, *bias = weights
            own = bias[0] if bias else None
            weights = folded(kernel, own, (gamma, beta), (mean, variance), BATCH_NORM_EPSILON)
        layer.set_weights(weights)
    return model


def _let_through(convolution: KerasLayer) -> None:
    """Let a convolution, with the ReLU behind it, return the map of the ReLU before it."""
    kernel, *bias = convolution.get_weights()
    height, width, channels, _ = kernel.shape
    kernel[:] = 0
    # A pointwise kernel is (1, 1, C, C), a depthwise one (3, 3, C, 1).
    kernel[height // 2, width // 2] = np.eye(channels) if height == 1 else 1
    convolution.set_weights([kernel, *(np.zeros_like(one) for one in bias)])


def _is_resized(source: KerasModel, model: KerasModel, layer: KerasLayer) -> bool:
    """Whether a layer reads each place of a map that the source has of another input size."""
    if layer.name not in FLAT_MAPS:
        return False
    wanted = {layer.name, FLAT_MAPS[layer.name]}  # a visibility's code may read averages alone
    if not (wanted <= layer_names(source) and wanted <= layer_names(model)):
        return False
    old, new = _map_shape(source, layer), _map_shape(model, layer)
    theirs, mine = source.get_layer(layer.name).weights[0].shape, layer.weights[0].shape
    has_others = mine[2] - np.prod(new) == theirs[2] - np.prod(old)
    strides = old[0] * model.input.shape[1] / (new[0] * source.input.shape[1])
    return bool(has_others and old[2] == new[2] and mine[3] == theirs[3] and 0.8 < strides < 1.25)


def _carry(source: KerasModel, model: KerasModel, layer: KerasLayer) -> None:
    kernel, bias = source.get_layer(layer.name).get_weights()
    layer.set_weights([carried(kernel, _map_shape(source, layer), _map_shape(model, layer)), bias])


def _map_shape(model: KerasModel, layer: KerasLayer) -> tuple[int, int, int]:
    height, width, channels = model.get_layer(FLAT_MAPS[layer.name]).input.shape[1:]
    return height, width, channels


def _silence_detail(source: KerasModel, model: KerasModel) -> None:
    """Let a detail code that the source has not learned add nothing to what reads it at first.

    It is the last of the codes and, where blendshapes read it, of their features.
    """
    has_detail = "detail_code" in layer_names(source)
    learned_rank = channel_count(source, "detail_code") if has_detail else 0
    for reader in {"coordinates", "expression_map"} & layer_names(model) & layer_names(source):
        kernel = model.get_layer(reader).get_weights()[0]
        theirs, bias = source.get_layer(reader).get_weights()
        shared = kernel.shape[2] - channel_count(model, "detail_code")
        if theirs.shape[2] - learned_rank != shared:
            continue  # it reads other features, of which nothing can be kept
        kernel[:, :, :shared] = theirs[:, :, :shared]
        kernel[:, :, shared:] = 0
        model.get_layer(reader).set_weights([kernel, bias])


def restandardise(coordinates: KerasLayer, old: Standardisation, new: Standardisation) -> None:
    """Let the last layer of a head predict in a new standardisation what it did in the old one."""
    kernel, bias = coordinates.get_weights()
    scale = (old.std / new.std).reshape(-1)
    shift = ((old.mean - new.mean) / new.std).reshape(-1)
    coordinates.set_weights([kernel * scale, bias * scale + shift])


def fits(source: KerasModel, layer: KerasLayer) -> bool:
    """Whether the source has a layer of that name and those shapes."""
    if not layer.weights or layer.name not in layer_names(source):
        return False
    theirs = source.get_layer(layer.name).weights
    return [w.shape for w in theirs] == [w.shape for w in layer.weights]


def load_backbone(model: KerasModel, path: Path) -> None:
    """Set the backbone of a mobilenet_v1 model from the `.npz` of a 3DDFA_V2 checkpoint.

    The checkpoint expects BGR; its first convolution is turned so that the model takes RGB.
    """
    if not path.is_file():
        raise TrainedModelError(f"{path}: no such backbone weights.")
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    try:
        # (out, in, h, w) to (h, w, in, out), input channels reversed.
        conv1 = arrays["conv1.weight"].transpose(2, 3, 1, 0)[:, :, ::-1]
        model.get_layer("conv1").set_weights([conv1])
        _set_batch_norm(model, "conv1_bn", arrays, "bn1")
        for number, block in enumerate(CHECKPOINT_BLOCKS, start=1):
            name = f"block{number:02d}"
            # (channels, 1, h, w) to (h, w, channels, 1)
            depthwise = arrays[f"{block}.conv_dw.weight"].transpose(2, 3, 0, 1)
            pointwise = arrays[f"{block}.conv_sep.weight"].transpose(2, 3, 1, 0)
            model.get_layer(f"{name}_depthwise").set_weights([depthwise])
            model.get_layer(f"{name}_pointwise").set_weights([pointwise])
            _set_batch_norm(model, f"{name}_depthwise_bn", arrays, f"{block}.bn_dw")
            _set_batch_norm(model, f"{name}_pointwise_bn", arrays, f"{block}.bn_sep")
    except (KeyError, ValueError) as error:
        raise TrainedModelError(
            f"{path}: does not fit this model ({error}). It belongs to a mobilenet_v1 of the "
            "checkpoint's width: start the experiment main_base from it, and narrower ones from "
            "the folder of that run."
        ) from error


def _set_batch_norm(model: KerasModel, layer: str, arrays: dict[str, Array], key: str) -> None:
    parts = ("weight", "bias", "running_mean", "running_var")
    model.get_layer(layer).set_weights([arrays[f"{key}.{part}"] for part in parts])
