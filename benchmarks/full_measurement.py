"""The one command: everything that can be measured here, in less than five minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.accuracy import Accuracy, measure_accuracy
from benchmarks.device import this_device
from benchmarks.model_file import MEDIAPIPE, ModelFile, mediapipe_is_installed, released_models
from benchmarks.operators.operators import read_operators
from benchmarks.report.record import Report, now_utc
from benchmarks.timing.affinity import pinned
from benchmarks.timing.comparison import Contender, compare
from benchmarks.timing.engine import EngineOptions
from benchmarks.timing.instruction_set import choose_instruction_set
from benchmarks.timing.latency import LatencyRun, Sampling, measure_latency
from benchmarks.timing.published import LEAST_SECONDS, PublishedRow, measure_published
from benchmarks.timing.stages import measure_pipeline
from benchmarks.timing.sustained import measure_sustained
from edge_runtime import Face520Error
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.runtimes import Runtime, installed_runtimes


@dataclass(frozen=True)
class Plan:
    """What to measure. models: empty for the released ones and MediaPipe's, if installed.

    threads: each is a row of the latency table. runtimes: empty for the first installed alone.
    accuracy_folder: AFLW2000-3D's format; None leaves accuracy out. sustain_seconds: 0 leaves it
    out. instruction_set: beyond which the processor is hidden. published: rows by MLPerf's rules as
    well, twice 60 s a model. quick: a tenth of the samples, to see whether everything runs.
    """

    models: tuple[str, ...] = ()
    threads: tuple[int, ...] = (1, 2, 4)
    runtimes: tuple[str, ...] = ()
    compare_seconds: float = 10.0
    sustain_seconds: float = 20.0
    accuracy_folder: Path | None = None
    cores: tuple[int, ...] = ()
    device_name: str = ""
    instruction_set: str = ""
    published: bool = False
    quick: bool = False

    @property
    def sampling(self) -> Sampling:
        if self.quick:
            return Sampling(20, 0.2, 0.5, 0.2, 1)
        return Sampling()

    @property
    def published_seconds(self) -> float:
        return 0.2 if self.quick else LEAST_SECONDS

    @property
    def seconds_against_rival(self) -> float:
        """Of a comparison; what is published lasts longer."""
        if self.quick:
            return 1.0
        return max(self.compare_seconds, LEAST_SECONDS) if self.published else self.compare_seconds


def measure_all(plan: Plan, on_step: Callable[[str], None] = lambda line: None) -> Report:
    """Measure everything of the plan; what cannot be measured is in `skipped`, with the reason.

    on_step: gets a line before each step. Raises BenchmarkError and InterpreterMissingError when an
    interpreter, a model or a core of the plan does not exist.
    """
    start = perf_counter()
    runtimes = plan.runtimes or (installed_runtimes()[0],)
    models = [ModelFile.find(name) for name in plan.models] or default_models()
    choose_instruction_set(plan.instruction_set)
    with stderr_of_libraries_closed(), pinned(plan.cores):
        for name in runtimes:
            Runtime.named(name)
    device = this_device(plan.device_name, instruction_set=plan.instruction_set)
    skipped: list[str] = []
    found: dict[str, Any] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        on_step(name)
        try:
            yield
        except Face520Error as error:
            skipped.append(f"{name}: {error}")

    timed: list[LatencyRun] = []
    for model, runtime in ((model, runtime) for model in models for runtime in runtimes):
        for options in _settings(runtime, plan.threads, device.cores):
            with step(f"latency of {model.name} ({options})"):
                # Load time and memory differ little between thread counts: once per model will do.
                sampling = plan.sampling if options == EngineOptions(runtime) else _warm(plan)
                timed.append(measure_latency(model, options, sampling, plan.cores))
    for threads in plan.threads:
        if threads > device.cores:
            skipped.append(f"{threads} threads: this machine has {device.cores} cores")
    found["latency"], found["comparisons"] = tuple(timed), []
    rival = _rival(models)
    for model in models:
        if rival is not None and model.name != MEDIAPIPE:
            with step(f"{model.name} against {MEDIAPIPE}"):
                pair = Contender(model), Contender(rival)
                found["comparisons"].append(
                    compare(*pair, plan.seconds_against_rival, cores=plan.cores)
                )
    if rival is None:
        skipped.append('comparison: mediapipe is absent; pip install "mediapipe>=0.10.14,<0.10.22"')
    with step("stages of the pipeline"):
        found["pipeline"] = measure_pipeline(frames=10 if plan.quick else 100)
    with step("operators"):
        found["operators"] = tuple(read_operators(model) for model in models)
    if plan.sustain_seconds and models:
        with step(f"sustained run of {models[0].name}, {plan.sustain_seconds:.0f} s"):
            found["sustained"] = measure_sustained(
                models[0], EngineOptions(runtimes[0]), plan.sustain_seconds, plan.cores
            )
    if plan.accuracy_folder is None:
        skipped.append("accuracy: no folder given (--accuracy DIR, in AFLW2000-3D's format)")
    else:
        with step(f"accuracy on {plan.accuracy_folder.name}"):
            ours = [model for model in models if model.name != MEDIAPIPE]
            found["accuracy"] = measure_accuracy(ours, plan.accuracy_folder, _warm(plan))
    if plan.published:
        with step("rows for publication"):
            rows = measure_published(
                models,
                EngineOptions(runtimes[0]),
                plan.published_seconds,
                plan.cores,
                on_step=on_step,
            )
            found["published"] = with_accuracy(rows, found.get("accuracy", ()))
    found["comparisons"] = tuple(found["comparisons"])
    return Report(
        device=device,
        created=now_utc(),
        seconds=perf_counter() - start,
        skipped=tuple(skipped),
        **found,
    )


def default_models() -> list[ModelFile]:
    """The released models, int8 first, and MediaPipe's where it is installed."""
    # The int8 models first: they are what a device should run.
    models = sorted(released_models(), key=lambda model: "int8" not in model.name)
    return models + ([ModelFile.find(MEDIAPIPE)] if mediapipe_is_installed() else [])


def with_accuracy(
    rows: Sequence[PublishedRow], scores: Sequence[Accuracy]
) -> tuple[PublishedRow, ...]:
    """The rows with the NME of the same files, and a reservation where ours have none."""
    nme = {score.model: score.nme_percent for score in scores}
    ours = {model.name for model in released_models()} | nme.keys()
    return tuple(
        replace(row, nme_percent=nme[row.model])
        if row.model in nme
        else replace(row, reservations=(*row.reservations, "accuracy was not measured"))
        if row.model in ours
        else row
        for row in rows
    )


def _rival(models: list[ModelFile]) -> ModelFile | None:
    """MediaPipe's model, from the plan (on a device it was copied there) or from the wheel."""
    named = [model for model in models if model.name == MEDIAPIPE]
    if named:
        return named[0]
    return ModelFile.find(MEDIAPIPE) if mediapipe_is_installed() else None


def _settings(runtime: str, threads: tuple[int, ...], cores: int) -> list[EngineOptions]:
    """One thread to all cores with XNNPACK, and one thread without it."""
    usable = [EngineOptions(runtime, count) for count in threads if count <= cores]
    return [*usable, EngineOptions(runtime, 1, xnnpack=False)]


def _warm(plan: Plan) -> Sampling:
    """Sampling without fresh processes and twins."""
    full = plan.sampling
    return Sampling(full.count, full.seconds / 2, full.warm_up_seconds, 0, 0)
