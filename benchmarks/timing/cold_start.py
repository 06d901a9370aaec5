"""A model's first second: load time, first inference and memory, each in a fresh process."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.timing.child_process import ask_child
from benchmarks.timing.engine import Engine, EngineOptions
from benchmarks.timing.instruction_set import choose_instruction_set, is_watched
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.runtimes import Runtime, installed_runtimes

STEADY_CALLS = 50
STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class ColdStart:
    """Medians over fresh processes; memory in MB (10^6 bytes) over that of the process before.

    load_ms: interpreter made and tensors allocated, the runtime's import (import_ms) not counted.
    peak_mb and steady_mb: most, and after 50 inferences; None where the system does not tell. Where
    a runtime is watched as it asks for the processor's instructions (`is_watched`), a load before
    these has done what it does once: all but import_ms are those of a second model.
    """

    processes: int
    import_ms: float
    load_ms: float
    first_inference_ms: float
    peak_mb: float | None
    steady_mb: float | None


def measure_cold_start(model_path: Path, options: EngineOptions, processes: int = 3) -> ColdStart:
    """Start `processes` processes one after another. Raises BenchmarkError when one fails."""
    asked = {"model": str(model_path), "options": asdict(options)}
    answers = [ask_child("benchmarks.timing.cold_start", asked) for _ in range(processes)]

    def middle(key: str) -> float | None:
        values = [answer[key] for answer in answers]
        return None if None in values else float(median(values))

    return ColdStart(
        processes=processes,
        import_ms=middle("import_ms") or 0.0,
        load_ms=middle("load_ms") or 0.0,
        first_inference_ms=middle("first_inference_ms") or 0.0,
        peak_mb=middle("peak_mb"),
        steady_mb=middle("steady_mb"),
    )


def _measure_here(model: Path, options: EngineOptions) -> dict[str, float | None]:
    """In this process, which must not have loaded a model before."""
    runtime = options.runtime or installed_runtimes()[0]
    choose_instruction_set(options.instruction_set)
    start = perf_counter()
    with stderr_of_libraries_closed():
        Runtime.named(runtime)
    imported = perf_counter()
    if is_watched(runtime):
        Engine(model, options)  # goes through the questions step by step, which is no part of it
    before_mb, start_loading = resident_mb(), perf_counter()
    engine = Engine(model, options)
    loaded = perf_counter()
    engine.check()
    first = perf_counter()
    for _ in range(STEADY_CALLS):
        engine.invoke()
    return {
        "import_ms": (imported - start) * 1e3,
        "load_ms": (loaded - start_loading) * 1e3,
        "first_inference_ms": (first - loaded) * 1e3,
        "peak_mb": _growth_mb(before_mb, peak_resident_mb()),
        "steady_mb": _growth_mb(before_mb, resident_mb()),
    }


def _growth_mb(before_mb: float | None, after_mb: float | None) -> float | None:
    return None if before_mb is None or after_mb is None else after_mb - before_mb


def resident_mb() -> float | None:
    """Resident memory in MB (10^6 bytes) now; None where /proc does not tell."""
    return _field_mb("VmRSS")


def peak_resident_mb() -> float | None:
    """Highest resident memory so far in MB; None where /proc does not tell."""
    return _field_mb("VmHWM")


def _field_mb(name: str) -> float | None:
    try:
        for line in STATUS.read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024 / 1e6
    except (OSError, ValueError, IndexError):
        pass
    return None


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    options = EngineOptions.from_json(asked["options"])
    print(json.dumps(_measure_here(Path(asked["model"]), options)))
