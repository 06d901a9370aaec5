"""MobileNetV1, the backbone of the released models, and what can be changed in it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from training.network.regressor_config import MOBILENET_V1_BLOCKS, RegressorConfig

PATCH_STEM_BLOCKS = 2  # that the patch stem is instead of, with the first convolution
PATCHES = "patches"
PATCH_PX = 4
BATCH_NORM_EPSILON = 1e-5
AGAIN = "_again"  # what is added to the name of a block that repeats another


def mobilenet_v1(image: Any, config: RegressorConfig, keras: ModuleType) -> dict[int, Any]:
    """The last map of each stride of a MobileNetV1 with plain ReLU, padded as PyTorch pads."""
    if config.patch_stem:
        x = _patches(image, config.channels_of(PATCH_STEM_BLOCKS), keras)
        stride_of_map, first = PATCH_PX, PATCH_STEM_BLOCKS + 1
    else:
        x = keras.layers.ZeroPadding2D(1, name="conv1_pad")(image)
        has_bias = not config.has_batch_norm
        x = keras.layers.Conv2D(
            config.channels_of(0), 3, strides=2, use_bias=has_bias, name="conv1"
        )(x)
        x, stride_of_map, first = activated(x, "conv1", config, keras), 2, 1
    maps = {}
    for number in range(first, len(MOBILENET_V1_BLOCKS) + 1):
        if number not in config.left_out:
            _, stride = MOBILENET_V1_BLOCKS[number - 1]
            name, filters = f"block{number:02d}", config.channels_of(number)
            x = _block(x, name, filters, stride, config, keras)
            if number in config.repeated:
                x = _block(x, name + AGAIN, filters, stride, config, keras)
            stride_of_map *= stride
            maps[stride_of_map] = x
    return maps


def _block(
    x: Any, name: str, filters: int, stride: int, config: RegressorConfig, keras: ModuleType
) -> Any:
    """A depthwise and a pointwise convolution."""
    layers, has_bias = keras.layers, not config.has_batch_norm
    if stride == 2:
        x = layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
    x = layers.DepthwiseConv2D(
        3,
        strides=stride,
        padding="valid" if stride == 2 else "same",
        use_bias=has_bias,
        name=f"{name}_depthwise",
    )(x)
    x = activated(x, f"{name}_depthwise", config, keras)
    x = layers.Conv2D(filters, 1, use_bias=has_bias, name=f"{name}_pointwise")(x)
    return activated(x, f"{name}_pointwise", config, keras)


def activated(x: Any, name: str, config: RegressorConfig, keras: ModuleType) -> Any:
    """A convolution's answer behind its batch norm, if it has one, and a ReLU."""
    if config.has_batch_norm:
        x = keras.layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON, name=f"{name}_bn")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x)


def _patches(image: Any, channels: int, keras: ModuleType) -> Any:
    """A map at a quarter: each patch of the image in one linear map and a ReLU.

    Pixels of a row lie one behind the other in memory, so four of them are 12 channels at no cost,
    and the kernels for integers, which take channels in eights, waste less than on three.
    """
    layers, (_, height, width, colours) = keras.layers, image.shape
    rows = (height, width // PATCH_PX, PATCH_PX * colours)
    x = layers.Reshape(rows, name=f"{PATCHES}_rows")(image)
    x = layers.Conv2D(channels, (PATCH_PX, 1), strides=(PATCH_PX, 1), name=PATCHES)(x)
    return layers.ReLU(name=f"{PATCHES}_relu")(x)
