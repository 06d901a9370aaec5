"""Where the time of a call goes."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter


@dataclass
class Timings:
    """Wall-clock milliseconds that a call spent in each of its stages, over all its faces."""

    detect_ms: float = 0.0
    crop_ms: float = 0.0
    invoke_ms: float = 0.0
    finish_ms: float = 0.0  # landmarks to image px
    invocations: int = 0
    detections: int = 0  # runs of the face detector

    @property
    def total_ms(self) -> float:
        return self.detect_ms + self.crop_ms + self.invoke_ms + self.finish_ms


def ms_since(start_s: float) -> float:
    """Milliseconds since `perf_counter` gave start_s."""
    return (perf_counter() - start_s) * 1e3
