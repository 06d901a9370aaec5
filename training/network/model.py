"""MobileNet regressors: a crop in, 520 standardised landmarks out, and what else of a face."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from training.errors import ExperimentError
from training.network.keras_model import KerasModel
from training.network.mobilenet_v1 import activated, mobilenet_v1
from training.network.regressor_config import DetailBranch, RegressorConfig

INPUT_MEAN, INPUT_STD = 127.5, 128.0
VISIBILITY_STRIDE = 16  # of the map that tells where something is in front of the face
# What hides landmarks is few things: a turn, a hand, hair, glasses.
VISIBILITY_RANK = 32
DETAIL_LAYERS = "detail_"  # what the names of a detail branch's layers begin with


def network_input(crops: Uint8Image) -> FloatArray:
    """Normalised crops (..., S, S, 3), as the network takes them, of RGB ones."""
    normalised = np.subtract(crops, INPUT_MEAN, dtype=np.float32)
    normalised /= INPUT_STD
    return normalised


def build_model(config: RegressorConfig, keras: ModuleType) -> KerasModel:
    """Keras model (1, S, S, 3) -> {"landmarks": (1, N, 3)} and, where asked for, "presence" (1, 1),
    "expression" (1, 52) and "visibility" (1, N), all three from 0 to 1.

    Input is RGB, (value - 127.5) / 128. keras: `keras` (any backend) or `tf_keras`; both give the
    same network and exchange `.weights.h5` files. Raises ExperimentError for an unknown backbone.
    """
    layers, side = keras.layers, config.input_size_px

    def probabilities(x: Any, count: int, name: str) -> Any:
        x = layers.Conv2D(count, 1, activation="sigmoid", name=f"{name}_map")(x)
        return layers.Reshape((count,), name=name)(x)

    image = keras.Input((side, side, 3), name="image")
    maps = _backbone(image, config, keras)
    pooled = layers.GlobalAveragePooling2D(keepdims=True, name="features")(maps[32])
    detail = None
    if config.detail is not None:
        detail = _detail_code(maps[config.detail.stride], config.detail, config, keras)
    outputs = {"landmarks": _landmark_head(pooled, detail, config, keras)}
    if config.has_presence:
        outputs["presence"] = probabilities(pooled, 1, "presence")
    if config.has_expression:
        read = pooled
        if detail is not None:
            read = layers.Concatenate(name="expression_features")([pooled, detail])
        outputs["expression"] = probabilities(read, len(BLENDSHAPE_NAMES), "expression")
    if config.has_visibility:
        read = pooled
        if config.visibility_channels:
            read = _with_places(pooled, maps[VISIBILITY_STRIDE], config.visibility_channels, keras)
        code = layers.Conv2D(VISIBILITY_RANK, 1, name="visibility_code")(read)
        outputs["visibility"] = probabilities(code, config.landmark_count, "visibility")
    name = f"face520_{config.backbone}_{round(config.width * 100):03d}_{side}"
    model: KerasModel = keras.Model(image, outputs, name=name)
    return model


def _landmark_head(pooled: Any, detail: Any, config: RegressorConfig, keras: ModuleType) -> Any:
    """Dense layers, written as 1x1 convolutions on (1, 1, C).

    TFLite gives a convolution one int8 scale per output channel and a dense layer one for all: on
    the main model that is 0.44 px against 0.80 px between int8 and float.
    """
    if config.head_rank:
        pooled = keras.layers.Conv2D(config.head_rank, 1, name="shape_code")(pooled)
    if detail is not None:
        pooled = keras.layers.Concatenate(name="codes")([pooled, detail])
    flat = keras.layers.Conv2D(config.landmark_count * 3, 1, name="coordinates")(pooled)
    return keras.layers.Reshape((config.landmark_count, 3), name="landmarks")(flat)


def _detail_code(
    early: Any, detail: DetailBranch, config: RegressorConfig, keras: ModuleType
) -> Any:
    """The code (1, 1, rank) of an early map (h, w, C)."""
    layers, has_bias = keras.layers, not config.has_batch_norm
    x = layers.Conv2D(detail.channels, 1, use_bias=has_bias, name="detail_squeeze")(early)
    x = activated(x, "detail_squeeze", config, keras)
    x = layers.DepthwiseConv2D(
        3, strides=detail.step, padding="same", use_bias=has_bias, name="detail_depthwise"
    )(x)
    x = activated(x, "detail_depthwise", config, keras)
    x = layers.Conv2D(detail.channels, 1, use_bias=has_bias, name="detail_pointwise")(x)
    x = activated(x, "detail_pointwise", config, keras)
    _, height, width, channels = x.shape
    x = layers.Reshape((1, 1, height * width * channels), name="detail_flat")(x)
    return layers.Conv2D(detail.rank, 1, name="detail_code")(x)


def _with_places(pooled: Any, features: Any, channels: int, keras: ModuleType) -> Any:
    """Averaged features (1, 1, C) and, behind them, all of a map (h, w, D) in fewer channels."""
    layers = keras.layers
    x = layers.Conv2D(channels, 1, name="visibility_squeeze")(features)
    x = layers.ReLU(name="visibility_squeeze_relu")(x)
    _, height, width, _ = x.shape
    x = layers.Reshape((1, 1, height * width * channels), name="visibility_flat")(x)
    return layers.Concatenate(name="visibility_features")([pooled, x])


def _backbone(image: Any, config: RegressorConfig, keras: ModuleType) -> dict[int, Any]:
    """The last map of each stride of a mobilenet_v1; of the others the last of all, as 32."""
    if config.backbone == "mobilenet_v1":
        return mobilenet_v1(image, config, keras)
    common = {"input_tensor": image, "alpha": config.width, "include_top": False, "weights": None}
    if config.backbone == "mobilenet_v2":
        return {32: keras.applications.MobileNetV2(**common).output}
    if config.backbone == "mobilenet_v3_minimalistic":
        # Hard swish and squeeze-excite are left out: they do not quantize to int8.
        v3 = keras.applications.MobileNetV3Small(
            **common, minimalistic=True, include_preprocessing=False
        )
        return {32: v3.output}
    raise ExperimentError(
        f"unknown backbone {config.backbone!r}; use mobilenet_v1, mobilenet_v2 or "
        "mobilenet_v3_minimalistic."
    )
