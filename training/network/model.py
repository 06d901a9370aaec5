"""MobileNet regressors: a crop in, 520 standardised landmarks (and a presence) out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.errors import Face520Error

Backbone = Literal["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_minimalistic"]

# MobileNetV1's depthwise blocks: (filters at width 1, stride). arXiv:1704.04861, table 1.
MOBILENET_V1_BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip
BATCH_NORM_EPSILON = 1e-5
INPUT_MEAN, INPUT_STD = 127.5, 128.0


def network_input(crops: Uint8Image) -> FloatArray:
    """Normalised crops (..., S, S, 3), as the network takes them, of RGB ones."""
    normalised = np.subtract(crops, INPUT_MEAN, dtype=np.float32)
    normalised /= INPUT_STD
    return normalised


class ModelConfigError(Face520Error):
    """A model cannot be built as asked."""


@dataclass(frozen=True)
class RegressorConfig:
    """Everything that shapes the network; the weights aside, a model is this.

    head_rank: the landmark head is features -> head_rank -> landmarks without activation between,
    which saves parameters because faces move together; 0 means one full dense layer.
    """

    backbone: Backbone = "mobilenet_v1"
    width: float = 0.5
    input_size_px: int = 120
    landmark_count: int = 520
    head_rank: int = 64
    has_presence: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def build_model(config: RegressorConfig, keras: ModuleType) -> Any:
    """Keras model (1, S, S, 3) -> {"landmarks": (1, N, 3)[, "presence": (1, 1)]}.

    Input is RGB, (value - 127.5) / 128. keras: `keras` (any backend) or `tf_keras`; both give the
    same network and exchange `.weights.h5` files. Raises ModelConfigError for an unknown backbone.
    """
    side = config.input_size_px
    image = keras.Input((side, side, 3), name="image")
    features = _backbone(image, config, keras)
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True, name="features")(features)
    outputs = {"landmarks": _landmark_head(pooled, config, keras)}
    if config.has_presence:
        logit = keras.layers.Conv2D(1, 1, activation="sigmoid", name="presence_map")(pooled)
        outputs["presence"] = keras.layers.Reshape((1,), name="presence")(logit)
    name = f"face520_{config.backbone}_{round(config.width * 100):03d}_{side}"
    return keras.Model(image, outputs, name=name)


def _landmark_head(pooled: Any, config: RegressorConfig, keras: ModuleType) -> Any:
    """Dense layers, written as 1x1 convolutions on (1, 1, C).

    TFLite gives a convolution one int8 scale per output channel and a dense layer one for all: on
    the main model that is 0.44 px against 0.80 px between int8 and float.
    """
    if config.head_rank:
        pooled = keras.layers.Conv2D(config.head_rank, 1, name="shape_code")(pooled)
    flat = keras.layers.Conv2D(config.landmark_count * 3, 1, name="coordinates")(pooled)
    return keras.layers.Reshape((config.landmark_count, 3), name="landmarks")(flat)


def _backbone(image: Any, config: RegressorConfig, keras: ModuleType) -> Any:
    if config.backbone == "mobilenet_v1":
        return _mobilenet_v1(image, config.width, keras)
    common = {"input_tensor": image, "alpha": config.width, "include_top": False, "weights": None}
    if config.backbone == "mobilenet_v2":
        return keras.applications.MobileNetV2(**common).output
    if config.backbone == "mobilenet_v3_minimalistic":
        # Hard swish and squeeze-excite are left out: they do not quantize to int8.
        return keras.applications.MobileNetV3Small(
            **common, minimalistic=True, include_preprocessing=False
        ).output
    raise ModelConfigError(
        f"unknown backbone {config.backbone!r}; use mobilenet_v1, mobilenet_v2 or "
        "mobilenet_v3_minimalistic."
    )


def _mobilenet_v1(image: Any, width: float, keras: ModuleType) -> Any:
    """MobileNetV1 with plain ReLU and symmetric padding, as PyTorch trains it."""
    layers = keras.layers

    def normalise(x: Any, name: str) -> Any:
        x = layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON, name=f"{name}_bn")(x)
        return layers.ReLU(name=f"{name}_relu")(x)

    x = layers.ZeroPadding2D(1, name="conv1_pad")(image)
    x = layers.Conv2D(int(32 * width), 3, strides=2, use_bias=False, name="conv1")(x)
    x = normalise(x, "conv1")
    for number, (filters, stride) in enumerate(MOBILENET_V1_BLOCKS, start=1):
        name = f"block{number:02d}"
        if stride == 2:
            x = layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
        padding = "valid" if stride == 2 else "same"
        depthwise = layers.DepthwiseConv2D(
            3, strides=stride, padding=padding, use_bias=False, name=f"{name}_depthwise"
        )
        x = normalise(depthwise(x), f"{name}_depthwise")
        pointwise = layers.Conv2D(int(filters * width), 1, use_bias=False, name=f"{name}_pointwise")
        x = normalise(pointwise(x), f"{name}_pointwise")
    return x
