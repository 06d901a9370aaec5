"""A batch normalisation whose statistics stand still is part of the convolution before it."""

from __future__ import annotations

import numpy as np

from edge_runtime.arrays import FloatArray


def folded(
    kernel: FloatArray,
    bias: FloatArray | None,
    affine: tuple[FloatArray, FloatArray],
    statistics: tuple[FloatArray, FloatArray],
    epsilon: float,
) -> list[FloatArray]:
    """Kernel and bias of a convolution with the normalisation at inference behind it.

    kernel (h, w, inputs, outputs), of a depthwise one (h, w, channels, 1). affine: gamma and beta;
    statistics: mean and variance, all (channels,).
    """
    (gamma, beta), (mean, variance) = affine, statistics
    scale = gamma / np.sqrt(variance + epsilon)
    is_depthwise = kernel.shape[2] == len(scale) and kernel.shape[3] == 1
    scaled = kernel * (scale[:, None] if is_depthwise else scale)
    shift = (0.0 if bias is None else bias) - mean
    return [scaled.astype(np.float32), (beta + shift * scale).astype(np.float32)]
