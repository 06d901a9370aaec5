"""Loads 3DDFA_V2's MobileNetV1 weights (PyTorch names and order) into the Keras backbone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import Face520Error

# Names of the depthwise blocks in the checkpoint, in order of depth.
CHECKPOINT_BLOCKS = (
    "dw2_1", "dw2_2", "dw3_1", "dw3_2", "dw4_1", "dw4_2",
    "dw5_1", "dw5_2", "dw5_3", "dw5_4", "dw5_5", "dw5_6", "dw6",
)  # fmt: skip


class BackboneWeightsError(Face520Error):
    """A backbone checkpoint is missing or does not fit the model."""


def load_backbone(model: Any, path: Path) -> None:
    """Set the backbone of a mobilenet_v1 model from the `.npz` of a 3DDFA_V2 checkpoint.

    The checkpoint expects BGR; its first convolution is turned so that the model takes RGB.
    """
    if not path.is_file():
        raise BackboneWeightsError(f"{path}: no such backbone weights.")
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
        raise BackboneWeightsError(
            f"{path}: does not fit this model ({error}). It belongs to a mobilenet_v1 of the "
            "checkpoint's width: start the experiment main_base from it, and narrower ones from "
            "the folder of that run."
        ) from error


def _set_batch_norm(model: Any, layer: str, arrays: dict[str, NDArray[Any]], key: str) -> None:
    parts = ("weight", "bias", "running_mean", "running_var")
    model.get_layer(layer).set_weights([arrays[f"{key}.{part}"] for part in parts])
