"""Where the time of a call goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter


@dataclass
class Timings:
    """Wall-clock milliseconds that a call spent in each of its stages, over all its faces."""

    detect_ms: float = 0.0
    crop_ms: float = 0.0
    invoke_ms: float = 0.0
    finish_ms: float = 0.0  # landmarks to image px, pose, visibility
    invocations: int = 0
    detections: int = 0  # runs of the face detector

    @property
    def total_ms(self) -> float:
        return self.detect_ms + self.crop_ms + self.invoke_ms + self.finish_ms

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the time of the `with` block to a stage, such as "crop_ms"."""
        start = perf_counter()
        yield
        setattr(self, stage, getattr(self, stage) + (perf_counter() - start) * 1e3)
