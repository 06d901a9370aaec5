"""A over B, from measurements that were taken in turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_runtime.arrays import Float64Array

RESAMPLES = 2000
SEED = 520


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

        The interval is the percentile bootstrap of the median (Efron, 1979): rounds share their
        hiccups, so pairs are drawn, never single times.
        """
        ratios = np.asarray(a_ms, np.float64) / np.asarray(b_ms, np.float64)
        draws = np.random.default_rng(SEED).integers(0, len(ratios), (RESAMPLES, len(ratios)))
        medians = np.median(ratios[draws], axis=1)
        low, high = np.percentile(medians, (2.5, 97.5))
        return cls(len(ratios), float(np.median(ratios)), float(low), float(high))

    def __str__(self) -> str:
        return f"{self.ratio:.3f} x [{self.low95:.3f}, {self.high95:.3f}]"
