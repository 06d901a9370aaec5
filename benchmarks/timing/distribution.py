"""Many samples of one time, summed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from edge_runtime.arrays import Float64Array

HISTOGRAM_BINS = 40
BINS_END = 3.0  # in medians


@dataclass(frozen=True)
class Histogram:
    """Samples per bin: counts[i] of them lie in edges_ms[i] to edges_ms[i + 1].

    The bins end at the 99th percentile, or at three times the median if that is less; `beyond`
    samples are slower, so that hiccups of the machine do not flatten the picture.
    """

    edges_ms: tuple[float, ...]
    counts: tuple[int, ...]
    beyond: int


@dataclass(frozen=True)
class Distribution:
    """Percentiles in ms; the standard error is that of the mean."""

    count: int
    min_ms: float
    mean_ms: float
    median_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    standard_error_ms: float
    histogram: Histogram

    @classmethod
    def of(cls, samples_ms: Sequence[float] | Float64Array) -> Distribution:
        """Sum up samples (N,), N at least 1."""
        samples = np.asarray(samples_ms, np.float64)
        p50, p90, p95, p99 = (float(p) for p in np.percentile(samples, (50, 90, 95, 99)))
        spread = float(samples.std(ddof=1)) if len(samples) > 1 else 0.0
        return cls(
            count=len(samples),
            min_ms=float(samples.min()),
            mean_ms=float(samples.mean()),
            median_ms=p50,
            p90_ms=p90,
            p95_ms=p95,
            p99_ms=p99,
            max_ms=float(samples.max()),
            standard_error_ms=spread / sqrt(len(samples)),
            histogram=_histogram(samples, min(p99, BINS_END * p50)),
        )


def _histogram(samples: Float64Array, end_ms: float) -> Histogram:
    inside = samples[samples <= end_ms]
    counts, edges = np.histogram(inside, HISTOGRAM_BINS)
    return Histogram(
        tuple(round(float(edge), 6) for edge in edges),
        tuple(int(count) for count in counts),
        len(samples) - len(inside),
    )
