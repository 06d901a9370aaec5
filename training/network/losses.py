"""Landmark losses: Wing, Adaptive Wing, the paper's combination, and the distance NME measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from edge_runtime.arrays import FloatArray
from edge_runtime.layout import IBUG68_COUNT

# Losses see errors in px of a crop of this side, the paper's input size, whatever ours is.
LOSS_SIDE_PX = 256
# arXiv:2308.15170: 1.5 x Wing over all points + 0.5 x MSE over the 68.
PAPER_WING_WEIGHT, PAPER_MSE_WEIGHT = 1.5, 0.5
# Depth is not seen in a photo and not scored by NME: it is learned, but leads nothing.
DEPTH_WEIGHT = 0.25

LossName = Literal["paper", "wing", "adaptive_wing", "distance"]

# iBUG: the lids, the lips, and which of their points lie above which.
EYE_POINTS, LIP_POINTS = slice(36, 48), slice(48, 68)
LID_PAIRS = ((37, 38, 43, 44), (41, 40, 47, 46))
LIP_PAIRS = ((61, 62, 63), (67, 66, 65))


def wing(error_px: Any, width_px: float = 10.0, curvature_px: float = 2.0) -> Any:
    """Wing loss of errors of any shape: logarithmic near 0, linear beyond width_px.

    arXiv:1711.06753, equation 5; w and epsilon there are width_px and curvature_px here.
    """
    offset = width_px - width_px * log(1 + width_px / curvature_px)
    size = ops.abs(error_px)
    near = width_px * ops.log(1 + size / curvature_px)
    return ops.where(size < width_px, near, size - offset)


def adaptive_wing(
    error: Any,
    target: Any,
    omega: float = 14.0,
    theta: float = 0.5,
    epsilon: float = 1.0,
    alpha: float = 2.1,
) -> Any:
    """Adaptive Wing loss; target in [0, 1] sets the exponent alpha - target.

    arXiv:1904.07399, equation 7, with its constants; made for heatmaps, where target is the pixel.
    """
    exponent = alpha - target
    ratio = ops.power(theta / epsilon, exponent)
    slope = omega / (1 + ratio) * exponent * ops.power(theta / epsilon, exponent - 1) / epsilon
    offset = theta * slope - omega * ops.log(1 + ratio)
    size = ops.abs(error)
    # A power's gradient at 0 is infinite below exponent 1 and NaN through where(); keep off it.
    near = omega * ops.log(1 + ops.power(ops.maximum(size, 1e-6) / epsilon, exponent))
    return ops.where(size < theta, near, slope * size - offset)


def paper_loss(error_px: Any) -> Any:
    """The paper's combination for errors (B, N, 3) in px: one value per sample (B,)."""
    all_points = ops.mean(wing(error_px), axis=(1, 2))
    ibug68 = ops.mean(ops.square(error_px[:, :IBUG68_COUNT]), axis=(1, 2))
    return PAPER_WING_WEIGHT * all_points + PAPER_MSE_WEIGHT * ibug68


def distance_loss(error_px: Any) -> Any:
    """Mean xy distance, half of it over the 68 scored points, and depth: (B, N, 3) to (B,)."""
    distance = _length(error_px)
    over_all = ops.mean(distance, axis=1)
    over_68 = ops.mean(distance[:, :IBUG68_COUNT], axis=1)
    depth = ops.mean(ops.abs(error_px[..., 2]), axis=1)
    return 0.5 * over_all + 0.5 * over_68 + DEPTH_WEIGHT * depth


_PER_SAMPLE: dict[str, Callable[[Any], Any]] = {
    "paper": paper_loss,
    "wing": lambda error_px: ops.mean(wing(error_px), axis=(1, 2)),
    "adaptive_wing": lambda error_px: ops.mean(adaptive_wing(error_px, 0.5), axis=(1, 2)),
    "distance": distance_loss,
}


@dataclass(frozen=True)
class Emphasis:
    """What counts in a landmark loss beside every point's distance, which hardly notices a blink.

    eyes, lips: weight of the mean distance over the 12 points of the lids, over the 20 of the lips.
    gaps: weight of how wrong the ways from lid to lid and from lip to lip are.
    """

    eyes: float = 0.0
    lips: float = 0.0
    gaps: float = 0.0


def emphasised(error_px: Any, emphasis: Emphasis) -> Any:
    """The terms of an emphasis for errors (B, N, 3) in px: one value per sample (B,)."""
    distance = _length(error_px)
    eyes, lips = (ops.mean(distance[:, part], axis=1) for part in (EYE_POINTS, LIP_POINTS))
    # The error of a difference of two points is the difference of their errors.
    gaps = [
        ops.mean(_length(ops.take(error_px, above, 1) - ops.take(error_px, below, 1)), axis=1)
        for above, below in (LID_PAIRS, LIP_PAIRS)
    ]
    return emphasis.eyes * eyes + emphasis.lips * lips + emphasis.gaps * (gaps[0] + gaps[1])


def _length(vectors: Any) -> Any:
    """Length of x and y (..., 2 or more), its gradient finite at 0."""
    return ops.sqrt(ops.sum(ops.square(vectors[..., :2]), axis=-1) + 1e-3)


class LandmarkLoss(keras.losses.Loss):  # type: ignore[misc]
    """One of the losses above over standardised landmarks (B, N, 3), measured in px.

    Targets (B, N, 4): the fourth number is how far a point is to be trusted; one of 0 teaches
    nothing.
    """

    def __init__(
        self, name: LossName, output_std: FloatArray, emphasis: Emphasis | None = None
    ) -> None:
        super().__init__(name=name)
        self._px_per_output = np.asarray(output_std * LOSS_SIDE_PX, np.float32)
        self._emphasis = emphasis

    def call(self, y_true: Any, y_pred: Any) -> Any:
        px_per_output = ops.convert_to_tensor(self._px_per_output)
        error_px = (y_pred - y_true[..., :3]) * px_per_output * y_true[..., 3:]
        per_sample = _PER_SAMPLE[self.name](error_px)
        if self._emphasis is not None:
            per_sample += emphasised(error_px, self._emphasis)
        return per_sample


class KnownCrossentropy(keras.losses.Loss):  # type: ignore[misc]
    """Binary cross-entropy of probabilities (B, K) over the targets that are known, not NaN."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        is_known = ops.logical_not(ops.isnan(y_true))
        target = ops.where(is_known, y_true, 0.0)
        likely = ops.clip(y_pred, 1e-6, 1 - 1e-6)
        entropy = -target * ops.log(likely) - (1 - target) * ops.log(1 - likely)
        known = ops.cast(is_known, "float32")
        # Over all K, so that a face of which little is known counts little.
        return ops.mean(entropy * known, axis=-1)
