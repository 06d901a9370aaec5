"""Minutes of running: does the machine keep its speed when it gets warm?"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.model_file import ModelFile
from benchmarks.timing.affinity import pinned
from benchmarks.timing.distribution import Distribution
from benchmarks.timing.engine import Engine, EngineOptions
from benchmarks.timing.stopwatch import time_calls, warm_up
from edge_runtime.live_page.sensors import Sensors

# Where the firmware does not tell, a clock this far below the highest seen counts as throttled.
CLOCK_DROP = 0.05
POINTS = 300


@dataclass(frozen=True)
class SustainedPoint:
    """One stretch of a run: when it began, its median and p95, and the sensors at its end."""

    seconds: float
    inferences: int
    median_ms: float
    p95_ms: float
    mhz: float | None
    celsius: float | None
    throttled: bool | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class SustainedRun:
    """A run without pause. slowdown: median of the last tenth over that of the first.

    throttled_seconds: time in stretches that count as throttled; None where neither the firmware
    nor a clock can tell.
    """

    model: str
    runtime: str
    threads: int
    cores: tuple[int, ...]
    seconds: float
    inferences: int
    latency: Distribution
    slowdown: float
    throttled_seconds: float | None
    absent_sensors: tuple[str, ...]
    points: tuple[SustainedPoint, ...]


def measure_sustained(
    model: ModelFile,
    options: EngineOptions | None = None,
    seconds: float = 600,
    cores: tuple[int, ...] = (),
    sensors: Sensors | None = None,
) -> SustainedRun:
    """Run a model without pause. Raises BenchmarkError when it cannot be run."""
    sensors = sensors or Sensors()
    stretch_seconds = max(seconds / POINTS, 0.1)
    stretches, points = [], []
    with pinned(cores):
        engine = Engine(model.path, options)
        engine.check()
        # Heat is what is measured, so the warm-up only fills caches.
        warm_up(engine.invoke, limit_seconds=0.5)
        start = perf_counter()
        while (begun := perf_counter() - start) < seconds:
            samples = time_calls(engine.invoke, seconds=stretch_seconds)
            reading = sensors.read()
            stretches.append(samples)
            middle, p95 = np.percentile(samples, (50, 95))
            points.append(
                SustainedPoint(
                    seconds=begun,
                    inferences=len(samples),
                    median_ms=float(middle),
                    p95_ms=float(p95),
                    mhz=reading.mhz,
                    celsius=reading.celsius,
                    throttled=None if reading.throttled is None else bool(reading.throttled),
                    reasons=reading.throttled or (),
                )
            )
        taken = perf_counter() - start
    marked = mark_throttling(points, sensors.max_mhz)
    samples_ms = np.concatenate(stretches)
    return SustainedRun(
        model=engine.options.named(model.name),
        runtime=engine.options.runtime,
        threads=engine.options.threads,
        cores=tuple(cores),
        seconds=taken,
        inferences=len(samples_ms),
        latency=Distribution.of(samples_ms),
        slowdown=_slowdown(marked),
        throttled_seconds=_throttled_seconds(marked, taken),
        absent_sensors=sensors.absent,
        points=tuple(marked),
    )


def mark_throttling(
    points: list[SustainedPoint], max_mhz: float | None = None
) -> list[SustainedPoint]:
    """The points, each with a verdict: the firmware's where it gives one, else by the clock."""
    clocks = [point.mhz for point in points if point.mhz is not None]
    highest = max(clocks, default=0.0)
    limit_mhz = min(highest, max_mhz or highest) * (1 - CLOCK_DROP)
    marked = []
    for point in points:
        throttled, reasons = point.throttled, point.reasons
        if throttled is None and point.mhz is not None:
            throttled = point.mhz < limit_mhz
            reasons = (f"clock below {limit_mhz:.0f} MHz",) if throttled else ()
        marked.append(
            SustainedPoint(
                point.seconds,
                point.inferences,
                point.median_ms,
                point.p95_ms,
                point.mhz,
                point.celsius,
                throttled,
                reasons,
            )
        )
    return marked


def _slowdown(points: list[SustainedPoint]) -> float:
    tenth = max(len(points) // 10, 1)
    first = median(point.median_ms for point in points[:tenth])
    return median(point.median_ms for point in points[-tenth:]) / first


def _throttled_seconds(points: list[SustainedPoint], end: float) -> float | None:
    if any(point.throttled is None for point in points):
        return None
    ends = [point.seconds for point in points[1:]] + [end]
    return sum(end - point.seconds for point, end in zip(points, ends) if point.throttled)
