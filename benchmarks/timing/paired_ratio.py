"""Medians with their intervals: of a time, and of A over B measured in turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_runtime.arrays import Float64Array

RESAMPLES = 2000
SEED = 520


@dataclass(frozen=True)
class MedianTime:
    """Median with the interval that holds it in 95 of 100 repeats, and the 90th percentile."""

    median_ms: float
    low95_ms: float
    high95_ms: float
    p90_ms: float

    @classmethod
    def of(cls, samples_ms: Float64Array) -> MedianTime:
        """From samples (N,)."""
        samples = np.asarray(samples_ms, np.float64)
        return cls(*_median_and_interval(samples), float(np.percentile(samples, 90)))

    def __str__(self) -> str:
        return f"{self.median_ms:.2f} [{self.low95_ms:.2f}, {self.high95_ms:.2f}]"


@dataclass(frozen=True)
class PairedRatio:
    """Median of the ratios of neighbours, with the interval that holds it in 95 of 100 repeats."""

    rounds: int
    ratio: float
    low95: float
    high95: float

    @classmethod
    def of(cls, a_ms: Float64Array, b_ms: Float64Array) -> PairedRatio:
        """From the times (R,) of A and of B in the same R rounds.

        Rounds share their hiccups, so pairs are drawn for the interval, never single times.
        """
        ratios = np.asarray(a_ms, np.float64) / np.asarray(b_ms, np.float64)
        return cls(len(ratios), *_median_and_interval(ratios))

    def __str__(self) -> str:
        return f"{self.ratio:.3f} x [{self.low95:.3f}, {self.high95:.3f}]"


def _median_and_interval(samples: Float64Array) -> tuple[float, float, float]:
    """The median of samples (N,) and its percentile bootstrap's 95 % interval (Efron, 1979)."""
    draws = np.random.default_rng(SEED).integers(0, len(samples), (RESAMPLES, len(samples)))
    low, high = np.percentile(np.median(samples[draws], axis=1), (2.5, 97.5))
    return float(np.median(samples)), float(low), float(high)
