"""What TFLite's own benchmark_model prints, read into figures.

The lines are those of tensorflow/lite/tools/benchmark and tensorflow/core/util/stat_summarizer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchmarks.errors import DeviceError
from benchmarks.operators.operators import NodeTime

STATISTICS = re.compile(r"count=(\d+)\s+(?:first=\S+\s+)?.*?\bmin=(\S+)\s+max=(\S+)\s+avg=(\S+)")
TIMINGS = re.compile(
    r"Inference timings in us: Init: ([\d.e+]+), First inference: ([\d.e+]+), "
    r"Warmup \(avg\): ([\d.e+]+), Inference \(avg\): ([\d.e+]+)"
)
FOOTPRINT = re.compile(r"init=([\d.]+) overall=([\d.]+)")
NODE_HEADER = "Summary by node type"


@dataclass(frozen=True)
class BenchmarkModelRun:
    """The figures of one run; median and p95 are None in versions that do not print them."""

    init_ms: float
    first_ms: float
    count: int
    min_ms: float
    mean_ms: float
    max_ms: float
    deviation_ms: float
    median_ms: float | None
    p95_ms: float | None
    init_mb: float | None
    overall_mb: float | None
    node_times: tuple[NodeTime, ...]


def parse_benchmark_model(text: str) -> BenchmarkModelRun:
    """Read stdout and stderr of benchmark_model together.

    Raises DeviceError when the run did not come to its end.
    """
    timings = TIMINGS.search(text)
    # The first such line is the warm-up, the second the run; the profiler's own has less in it.
    lines = [line for line in text.splitlines() if "Timings (microseconds)" not in line]
    runs = [line for line in lines if STATISTICS.search(line)]
    if not timings or not runs:
        printed = [line for line in lines if line.strip()] or ["nothing"]
        raise DeviceError(
            f"benchmark_model: stopped before its end, after: {printed[-1].strip()[:160]}. "
            "Check that the binary fits the processor and the model loads in it."
        )
    found = STATISTICS.search(runs[-1])
    assert found is not None
    count, low, high, mean = found.groups()
    footprint = FOOTPRINT.search(text)
    init_us, first_us, _, _ = (float(value) for value in timings.groups())
    return BenchmarkModelRun(
        init_ms=init_us / 1e3,
        first_ms=first_us / 1e3,
        count=int(count),
        min_ms=float(low) / 1e3,
        mean_ms=float(mean) / 1e3,
        max_ms=float(high) / 1e3,
        deviation_ms=(_value(runs[-1], "std") or 0.0) / 1e3,
        median_ms=_ms(_value(runs[-1], "median")),
        p95_ms=_ms(_value(runs[-1], "p95")),
        init_mb=float(footprint.group(1)) if footprint else None,
        overall_mb=float(footprint.group(2)) if footprint else None,
        node_times=_node_times(text),
    )


def _node_times(text: str) -> tuple[NodeTime, ...]:
    """The last table "Summary by node type"; empty where the run was not profiled."""
    nodes: list[NodeTime] = []
    lines = text.split(NODE_HEADER)[-1].splitlines() if NODE_HEADER in text else []
    for line in lines:
        # Columns are separated by tabs; a node's type may hold spaces and commas.
        cells = [cell.strip() for cell in line.strip().split("\t")]
        if len(cells) < 4 or not cells[3].endswith("%"):
            if nodes:
                break
            continue
        nodes.append(NodeTime(cells[0], int(cells[1]), float(cells[2]), float(cells[3][:-1]) / 100))
    return tuple(nodes)


def _value(line: str, name: str) -> float | None:
    found = re.search(rf"\b{name}=([\d.e+]+)", line)
    return float(found.group(1)) if found else None


def _ms(microseconds: float | None) -> float | None:
    return None if microseconds is None else microseconds / 1e3
