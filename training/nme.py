"""Normalised mean error: the score of 68-point alignment, in percent."""

from __future__ import annotations

import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray


def nme_percent(predicted: FloatArray, truth: FloatArray) -> Float64Array:
    """NME (B,) of predicted (B, 68, 2 or 3) against truth (B, 68, 2 or 3), xy only.

    Mean distance over the points divided by sqrt(w * h) of the truth's tight box, the protocol of
    AFLW2000-3D (arXiv:1511.07212, section 5).
    """
    return landmark_errors_percent(predicted, truth).mean(axis=-1)


def landmark_errors_percent(predicted: FloatArray, truth: FloatArray) -> Float64Array:
    """The terms (B, 68) whose mean is the NME: each landmark's distance over the box's size."""
    truth_xy, predicted_xy = truth[..., :2].astype(np.float64), predicted[..., :2]
    distance = np.linalg.norm(predicted_xy - truth_xy, axis=-1)
    size = np.sqrt(np.prod(np.ptp(truth_xy, axis=-2), axis=-1))
    return distance / size[..., None] * 100
