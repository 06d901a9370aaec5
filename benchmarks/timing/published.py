"""Rows that may be published, after MLPerf's rules, and the reasons why one may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time, sleep

import numpy as np

from benchmarks.device import QUIET_BELOW_PERCENT, cpu_seconds
from benchmarks.model_file import ModelFile
from benchmarks.timing.affinity import pinned
from benchmarks.timing.engine import Engine, EngineOptions
from benchmarks.timing.stopwatch import time_calls, warm_up
from edge_runtime.live_page.sensors import Sensors
from edge_runtime.network.runtimes import runtime_version

# Single stream in github.com/mlcommons/inference_policies (inference_rules.adoc): at least 60 s,
# the 90th percentile; MLPerf Mobile lets a device cool down before each run.
LEAST_SECONDS = 60.0
RUNS = 2
AGREE_WITHIN = 0.05
# As warm as before the first run, or that much over, or the wait has lasted so long.
COOLED_WITHIN_CELSIUS, LONGEST_COOL_DOWN_SECONDS = 2.0, 300.0


@dataclass(frozen=True)
class PublishedRun:
    """One model without pause for `seconds`.

    cool_down_seconds: waited before it. celsius: hottest zone; None without a sensor.
    others_percent: CPU time of other programs meanwhile, 100 being all cores; None if untold.
    throttled: by the firmware at the end; None where it does not tell.
    """

    seconds: float
    samples: int
    median_ms: float
    p90_ms: float
    cool_down_seconds: float
    celsius_before: float | None
    celsius_after: float | None
    others_percent: float | None
    throttled: bool | None


@dataclass(frozen=True)
class PublishedRow:
    """A model in one thread, run twice, other models in between; accuracy is of the same file.

    nme_percent: on the folder that was given; None where none was, and of others' models.
    reservations: why the row is not fit for publication; empty where it is.
    """

    model: str
    model_sha256: str
    model_bytes: int
    runtime: str
    runtime_version: str
    runs: tuple[PublishedRun, ...]
    nme_percent: float | None = None
    reservations: tuple[str, ...] = ()

    @property
    def p90_ms(self) -> float:
        """Of the slower run."""
        return max(run.p90_ms for run in self.runs)

    @property
    def median_ms(self) -> float:
        """Of the slower run."""
        return max(run.median_ms for run in self.runs)


def measure_published(
    models: Sequence[ModelFile],
    options: EngineOptions,
    seconds: float = LEAST_SECONDS,
    cores: tuple[int, ...] = (),
    sensors: Sensors | None = None,
    on_step: Callable[[str], None] = lambda line: None,
) -> tuple[PublishedRow, ...]:
    """All models once, then all again. Raises BenchmarkError when one cannot be run."""
    sensors = sensors or Sensors()
    cool_celsius = sensors.read().celsius
    runs: dict[str, list[PublishedRun]] = {model.name: [] for model in models}
    for turn in range(RUNS):
        for model in models:
            on_step(f"{model.name} for {seconds:g} s, run {turn + 1} of {RUNS}")
            with pinned(cores):
                runs[model.name].append(_run(model, options, seconds, sensors, cool_celsius))
    return tuple(_row(model, options, tuple(runs[model.name])) for model in models)


def reservations(runs: Sequence[PublishedRun]) -> tuple[str, ...]:
    """What stands between runs and publication, in words."""
    found = []
    shortest = min(run.seconds for run in runs)
    if shortest < LEAST_SECONDS:
        found.append(f"ran for {shortest:.1f} s, not {LEAST_SECONDS:.0f} s")
    p90s = [run.p90_ms for run in runs]
    if max(p90s) > min(p90s) * (1 + AGREE_WITHIN):
        found.append(f"the runs differ by {100 * (max(p90s) / min(p90s) - 1):.0f} %")
    others = [run.others_percent for run in runs if run.others_percent is not None]
    if len(others) < len(runs):
        found.append("the load is unknown")
    elif max(others) >= QUIET_BELOW_PERCENT:
        found.append(f"other programs took {max(others):.0f} % of the CPU")
    if any(run.throttled for run in runs):
        found.append("throttled")
    if any(run.cool_down_seconds >= LONGEST_COOL_DOWN_SECONDS for run in runs):
        found.append(f"still warm after {LONGEST_COOL_DOWN_SECONDS:.0f} s of rest")
    return tuple(found)


def _run(
    model: ModelFile,
    options: EngineOptions,
    seconds: float,
    sensors: Sensors,
    cool_celsius: float | None,
) -> PublishedRun:
    engine = Engine(model.path, options)
    engine.check()
    rested_seconds = _cool_down(sensors, cool_celsius)
    before = sensors.read()
    warm_up(engine.invoke)
    busy, own, start = cpu_seconds(), process_time(), perf_counter()
    samples = time_calls(engine.invoke, seconds=seconds)
    taken, own_seconds, busy_after = perf_counter() - start, process_time() - own, cpu_seconds()
    after = sensors.read()
    others = None
    if busy is not None and busy_after is not None and busy_after.total > busy.total:
        others_seconds = busy_after.busy - busy.busy - own_seconds
        others = max(0.0, 100 * others_seconds / (busy_after.total - busy.total))
    median_ms, p90_ms = np.percentile(samples, (50, 90))
    return PublishedRun(
        seconds=taken,
        samples=len(samples),
        median_ms=float(median_ms),
        p90_ms=float(p90_ms),
        cool_down_seconds=rested_seconds,
        celsius_before=before.celsius,
        celsius_after=after.celsius,
        others_percent=others,
        throttled=None if after.throttled is None else bool(after.throttled),
    )


def _cool_down(sensors: Sensors, cool_celsius: float | None) -> float:
    """Wait until the machine is as cool as before; the seconds that it took, 0 without a sensor."""
    start = perf_counter()
    while cool_celsius is not None and perf_counter() - start < LONGEST_COOL_DOWN_SECONDS:
        now = sensors.read().celsius
        if now is None or now <= cool_celsius + COOLED_WITHIN_CELSIUS:
            break
        sleep(1)
    return perf_counter() - start


def _row(model: ModelFile, options: EngineOptions, runs: tuple[PublishedRun, ...]) -> PublishedRow:
    return PublishedRow(
        model=options.named(model.name),
        model_sha256=model.sha256,
        model_bytes=model.size_bytes,
        runtime=options.runtime,
        runtime_version=runtime_version(options.runtime) or "unknown",
        runs=runs,
        reservations=reservations(runs),
    )
