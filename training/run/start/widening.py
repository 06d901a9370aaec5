"""A wider MobileNetV1 without batch norms from a trained one.

It answers the same until it has learned more. New channels begin with the random weights that a
layer is built with; what has been read so far reads nothing of them.
"""

from __future__ import annotations

import numpy as np

from edge_runtime.arrays import Int64Array
from training.errors import TrainedModelError
from training.network.keras_model import KerasModel
from training.network.places import FLAT_MAPS
from training.run.start.slimming import layer_names

# Layers that read several others, one behind the other, or all places of a map.
READ = {
    "coordinates": ("shape_code", "detail_code"),
    "expression_map": ("features", "detail_code"),
    "visibility_code": ("features", "visibility_flat"),
    "detail_code": ("detail_flat",),
}


def widen(source: KerasModel, model: KerasModel) -> set[str]:
    """Set every layer that both models have, and return their names.

    Raises TrainedModelError where the source has more channels, or reads maps of another size.
    """
    widened = set()
    for layer in model.layers:
        if not layer.weights or layer.name not in layer_names(source):
            continue
        old, (kernel, bias) = source.get_layer(layer.name).get_weights(), layer.get_weights()
        if layer.name.endswith("_depthwise"):
            kernel[:, :, : old[0].shape[2]] = old[0]
        else:
            known = old[0].shape[3]
            kernel[..., :known] = 0
            kernel[:, :, _read_so_far(source, model, layer.name), :known] = old[0]
        bias[: len(old[1])] = old[1]
        layer.set_weights([kernel, bias])
        widened.add(layer.name)
    return widened


def _read_so_far(source: KerasModel, model: KerasModel, layer: str) -> Int64Array:
    """Which inputs of the model's layer are those of the source's, in the source's order."""
    if layer not in READ:
        return np.arange(source.get_layer(layer).input.shape[-1])
    found, first = [], 0
    for part in READ[layer]:
        places, channels = _places_and_channels(model, part)
        if part in layer_names(source):
            old_places, old_channels = _places_and_channels(source, part)
            if old_places != places or old_channels > channels:
                raise TrainedModelError(
                    f"{layer} reads {old_places} places of {old_channels} channels in the trained "
                    f"model and {places} of {channels} in the new one. A wider model starts from "
                    "one with the same input size and no more channels."
                )
            numbers = first + np.arange(places * channels).reshape(places, channels)
            found.append(numbers[:, :old_channels].ravel())
        first += places * channels
    return np.concatenate(found)


def _places_and_channels(model: KerasModel, part: str) -> tuple[int, int]:
    """Of what one of READ reads: a map laid out flat has many places."""
    layer = model.get_layer(part)
    shape = layer.input.shape if part in FLAT_MAPS.values() else layer.output.shape
    return int(np.prod(shape[1:-1])), int(shape[-1])
