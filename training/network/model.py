"""MobileNet regressors: a crop in, 520 standardised landmarks out, and what else of a face."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from training.errors import ExperimentError
from training.network.keras_model import KerasModel

Backbone = Literal["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_minimalistic"]

# MobileNetV1's depthwise blocks: (filters at width 1, stride). arXiv:1704.04861, table 1.
MOBILENET_V1_BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip
# Those of them, counted from 1, that change neither side nor channels.
EVEN_BLOCKS = {3, 5, 7, 8, 9, 10, 11, 13}
PATCH_STEM_BLOCKS = 2  # that the patch stem is instead of, with the first convolution
PATCH_PX = 4
BATCH_NORM_EPSILON = 1e-5
INPUT_MEAN, INPUT_STD = 127.5, 128.0
# What hides landmarks is few things: a turn, a hand, hair, glasses.
VISIBILITY_RANK = 32


def network_input(crops: Uint8Image) -> FloatArray:
    """Normalised crops (..., S, S, 3), as the network takes them, of RGB ones."""
    normalised = np.subtract(crops, INPUT_MEAN, dtype=np.float32)
    normalised /= INPUT_STD
    return normalised


VISIBILITY_STRIDE = 16  # of the map that tells where something is in front of the face
DETAIL_LAYERS = "detail_"  # what the names of a detail branch's layers begin with


@dataclass(frozen=True)
class DetailBranch:
    """A way from an early map of a mobilenet_v1 to the landmarks: averaged features lose lids.

    stride: of the map, 8 or 16. channels: kept of it. step: of the depthwise convolution on them.
    rank: of the code that is read from the whole map and joins the landmark head's.
    """

    stride: int = 8
    channels: int = 24
    step: int = 1
    rank: int = 32


@dataclass(frozen=True)
class RegressorConfig:
    """Everything that shapes the network; the weights aside, a model is this.

    head_rank: the landmark head is features -> head_rank -> landmarks without activation between,
    which saves parameters because faces move together; 0 means one full dense layer.
    visibility_channels: kept of the map at a sixteenth for the visibility, which reads all of it
    beside the averaged features: a hand or a lock of hair is somewhere. 0 for those alone.
    has_batch_norm: without it, convolutions of a mobilenet_v1 have a bias and nothing to scale by:
    what is left of trained ones whose statistics no longer move, and a step takes a seventh less.
    patch_stem: a mobilenet_v1 begins with patches of 4 x 4 px, instead of its first convolution
    and the two blocks that bring it to a quarter. left_out: numbers of blocks that it lacks, from
    1 to 13, of those that change neither side nor channels.
    """

    backbone: Backbone = "mobilenet_v1"
    width: float = 0.5
    input_size_px: int = 120
    landmark_count: int = 520
    head_rank: int = 64
    has_presence: bool = False
    has_expression: bool = False
    has_visibility: bool = False
    visibility_channels: int = 0
    detail: DetailBranch | None = None
    has_batch_norm: bool = True
    patch_stem: bool = False
    left_out: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        is_changed = self.patch_stem or self.left_out or not self.has_batch_norm
        if is_changed and self.backbone != "mobilenet_v1":
            raise ExperimentError("patch_stem, left_out and has_batch_norm are of a mobilenet_v1.")
        if not set(self.left_out) <= EVEN_BLOCKS:
            even = ", ".join(map(str, sorted(EVEN_BLOCKS)))
            raise ExperimentError(f"left_out {self.left_out}: only {even} can be left out.")
        if self.visibility_channels and self.backbone != "mobilenet_v1":
            raise ExperimentError("visibility_channels are of a mobilenet_v1.")
        if self.detail is None:
            return
        if self.backbone != "mobilenet_v1" or not self.head_rank:
            raise ExperimentError("a detail branch needs a mobilenet_v1 and a head_rank.")
        if self.detail.stride not in (8, 16):
            raise ExperimentError("a detail branch reads a map of stride 8 or 16.")

    @property
    def further_outputs(self) -> tuple[str, ...]:
        """Names of the outputs beside "landmarks"."""
        asked = {
            "presence": self.has_presence,
            "expression": self.has_expression,
            "visibility": self.has_visibility,
        }
        return tuple(name for name, is_asked in asked.items() if is_asked)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> RegressorConfig:
        """What `to_json` made; one of an earlier release lacks the later fields."""
        detail, left_out = stored.get("detail"), stored.get("left_out", ())
        return cls(
            **stored
            | {"detail": DetailBranch(**detail) if detail else None, "left_out": tuple(left_out)}
        )


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
    x = _activated(x, "detail_squeeze", config, keras)
    x = layers.DepthwiseConv2D(
        3, strides=detail.step, padding="same", use_bias=has_bias, name="detail_depthwise"
    )(x)
    x = _activated(x, "detail_depthwise", config, keras)
    x = layers.Conv2D(detail.channels, 1, use_bias=has_bias, name="detail_pointwise")(x)
    x = _activated(x, "detail_pointwise", config, keras)
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
        return _mobilenet_v1(image, config, keras)
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


def _mobilenet_v1(image: Any, config: RegressorConfig, keras: ModuleType) -> dict[int, Any]:
    """The last map of each stride of a MobileNetV1 with plain ReLU, padded as PyTorch pads."""
    if config.patch_stem:
        filters, _ = MOBILENET_V1_BLOCKS[PATCH_STEM_BLOCKS - 1]
        x = _patches(image, int(filters * config.width), keras)
        stride_of_map, first = PATCH_PX, PATCH_STEM_BLOCKS + 1
    else:
        x = keras.layers.ZeroPadding2D(1, name="conv1_pad")(image)
        filters = int(32 * config.width)
        has_bias = not config.has_batch_norm
        x = keras.layers.Conv2D(filters, 3, strides=2, use_bias=has_bias, name="conv1")(x)
        x, stride_of_map, first = _activated(x, "conv1", config, keras), 2, 1
    maps = {}
    for number in range(first, len(MOBILENET_V1_BLOCKS) + 1):
        if number not in config.left_out:
            filters, stride = MOBILENET_V1_BLOCKS[number - 1]
            x = _block(x, f"block{number:02d}", int(filters * config.width), stride, config, keras)
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
    padding = "valid" if stride == 2 else "same"
    depthwise = layers.DepthwiseConv2D(
        3, strides=stride, padding=padding, use_bias=has_bias, name=f"{name}_depthwise"
    )
    x = _activated(depthwise(x), f"{name}_depthwise", config, keras)
    pointwise = layers.Conv2D(filters, 1, use_bias=has_bias, name=f"{name}_pointwise")
    return _activated(pointwise(x), f"{name}_pointwise", config, keras)


def _activated(x: Any, name: str, config: RegressorConfig, keras: ModuleType) -> Any:
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
    x = layers.Reshape(rows, name="patches_rows")(image)
    x = layers.Conv2D(channels, (PATCH_PX, 1), strides=(PATCH_PX, 1), name="patches")(x)
    return layers.ReLU(name="patches_relu")(x)
