"""How well one number tells two kinds of samples apart: the ROC curve's area, the best limit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def roc_auc(high: NDArray[Any], low: NDArray[Any]) -> float:
    """Probability that a sample of high (H,) lies above one of low (L,), a tie counting half.

    The rank statistic of Mann and Whitney, which is the area under the ROC curve; nan without
    samples of either kind.
    """
    if not len(high) or not len(low):
        return float("nan")
    low = np.sort(low)
    below = np.searchsorted(low, high, "left")
    not_above = np.searchsorted(low, high, "right")
    return float((below + not_above).mean() / 2 / len(low))


def best_limit(high: NDArray[Any], low: NDArray[Any]) -> tuple[float, float]:
    """The limit that tells high (H,) from low (L,) with the fewest errors, and its error.

    The error is the mean of two shares, of high below the limit and of low at or above it, so that
    neither kind counts more for being frequent: 0.5 is chance. (nan, nan) without samples.
    """
    if not len(high) or not len(low):
        return float("nan"), float("nan")
    values = np.unique(np.concatenate([high, low]))
    limits = np.append((values[1:] + values[:-1]) / 2, values[-1] + 1)
    missed = np.searchsorted(np.sort(high), limits, "left") / len(high)
    mistaken = 1 - np.searchsorted(np.sort(low), limits, "left") / len(low)
    error = (missed + mistaken) / 2
    best = int(np.argmin(error))
    return float(limits[best]), float(error[best])
