"""How long one inference takes: one model, one interpreter, one setting."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.model_file import ModelFile
from benchmarks.timing.affinity import pinned
from benchmarks.timing.cold_start import ColdStart, measure_cold_start
from benchmarks.timing.distribution import Distribution
from benchmarks.timing.engine import Engine, EngineOptions
from benchmarks.timing.interleaving import block_of, interleave
from benchmarks.timing.paired_ratio import PairedRatio
from benchmarks.timing.stopwatch import WarmUp, overhead_ms, time_calls, warm_up
from edge_runtime.network.runtimes import runtime_version


@dataclass(frozen=True)
class Sampling:
    """How much to measure: at least `count` samples, for at least `seconds`.

    noise_seconds: for running the model interleaved with a second copy of itself; 0 leaves it out.
    cold_processes: fresh processes for load time and memory; 0 leaves that out.
    """

    count: int = 100
    seconds: float = 3.0
    warm_up_seconds: float = 5.0
    noise_seconds: float = 2.0
    cold_processes: int = 3


@dataclass(frozen=True)
class LatencyRun:
    """One row of the latency table.

    noise: the model against a second copy of itself; what its interval leaves open around 1 no
    comparison on this machine can tell. overhead_percent: the harness's own part of a median.
    """

    model: str
    model_sha256: str
    model_bytes: int
    runtime: str
    runtime_version: str
    threads: int
    xnnpack: bool
    cores: tuple[int, ...]
    warm_up: WarmUp
    latency: Distribution
    overhead_percent: float
    noise: PairedRatio | None = None
    cold: ColdStart | None = None

    @property
    def setting(self) -> tuple[str, str, int, bool]:
        """What two rows must share to be compared."""
        return self.model, self.runtime, self.threads, self.xnnpack


def measure_latency(
    model: ModelFile,
    options: EngineOptions | None = None,
    sampling: Sampling | None = None,
    cores: tuple[int, ...] = (),
) -> LatencyRun:
    """Load, warm up and time a model. Raises BenchmarkError when it cannot be run so."""
    sampling = sampling or Sampling()
    # Threads inherit the cores of the process that makes them, so pinning comes first.
    with pinned(cores):
        engine = Engine(model.path, options)
        engine.check()
        cold = None
        if sampling.cold_processes:
            cold = measure_cold_start(model.path, engine.options, sampling.cold_processes)
        warmed = warm_up(engine.invoke, sampling.warm_up_seconds)
        latency = Distribution.of(time_calls(engine.invoke, sampling.count, sampling.seconds))
        noise = None
        if sampling.noise_seconds:
            twin = Engine(model.path, engine.options)
            blocks = [block_of(engine.invoke), block_of(twin.invoke)]
            times = interleave(blocks, sampling.noise_seconds)
            noise = PairedRatio.of(times[:, 0], times[:, 1])
        overhead_percent = overhead_ms() / latency.median_ms * 100
    return LatencyRun(
        model=engine.options.named(model.name),
        model_sha256=model.sha256,
        model_bytes=model.size_bytes,
        runtime=engine.options.runtime,
        runtime_version=runtime_version(engine.options.runtime) or "unknown",
        threads=engine.options.threads,
        xnnpack=engine.options.xnnpack,
        cores=tuple(cores),
        warm_up=warmed,
        latency=latency,
        overhead_percent=overhead_percent,
        noise=noise,
        cold=cold,
    )
