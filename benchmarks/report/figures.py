"""The plots of a report, each from its record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import pi
from typing import TYPE_CHECKING

from benchmarks.accuracy import Accuracy, pareto_front
from benchmarks.operators.operators import OperatorTable
from benchmarks.report.svg_figure import BAND, SERIES, draw, draw_rows, rule
from benchmarks.timing.comparison import Comparison
from benchmarks.timing.latency import LatencyRun
from benchmarks.timing.stages import Pipeline
from benchmarks.timing.sustained import SustainedPoint, SustainedRun

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOT_AREA_PER_MB = 60.0  # in points^2, and at least that of a disc of 3 points' radius
SMALLEST_AREA = 28.0
TAIL_END = 1.5  # of the slowest median
BAR_LABEL = "ms; bar: median, line: min to p95"


def latency_bars(runs: tuple[LatencyRun, ...]) -> str:
    """Median of every row, with the way from the fastest to the 95th percentile."""
    # On a busy machine one tail would press all bars against the axis.
    end_ms = TAIL_END * max(run.latency.median_ms for run in runs)
    rows = [
        (
            f"{run.model} x{run.threads}{'' if run.xnnpack else ' plain'}",
            run.latency.median_ms,
            run.latency.min_ms,
            min(run.latency.p95_ms, end_ms),
        )
        for run in runs
    ]
    return draw_rows("Latency of every setting", BAR_LABEL, rows)


def latency_histogram(run: LatencyRun) -> str:
    """How often each time was taken."""
    edges, counts = run.latency.histogram.edges_ms, run.latency.histogram.counts

    def paint(axes: Axes) -> None:
        # A gap between the bars, where they are of any width.
        widths = [0.92 * (high - low) or 0.01 for low, high in pairwise(edges)]
        axes.bar(edges[:-1], counts, widths, align="edge", color=SERIES[0], alpha=0.85)
        axes.margins(x=0.02, y=0.12)  # room for the word above the bars
        rule(axes, run.latency.median_ms, "median")
        axes.set(xlabel="ms", ylabel="inferences")

    return draw(f"Histogram of {run.model}", paint)


def comparison_rows(comparisons: tuple[Comparison, ...]) -> str:
    """Every ratio with its interval, and that of a model with itself; the line is 1."""
    rows = []
    for one in comparisons:
        a, b = one.a.split(" (")[0], one.b.split(" (")[0]
        rows.append((f"{a} / {b}", one.ratio.ratio, one.ratio.low95, one.ratio.high95))
        rows.append((f"{a} / itself", one.noise.ratio, one.noise.low95, one.noise.high95))
    return draw_rows("Ratios of times", "time of A / time of B", rows, from_zero=False, mark=1.0)


def pipeline_bars(pipeline: Pipeline) -> str:
    """Median time of each stage."""
    rows = [
        (one.name, one.latency.median_ms, one.latency.min_ms, one.latency.p95_ms)
        for one in pipeline.stages
    ]
    return draw_rows("Stages of the pipeline", BAR_LABEL, rows)


def sustained_lines(run: SustainedRun) -> list[tuple[str, str]]:
    """Latency, clock and temperature against time, each with its caption; throttling is shaded."""
    points = run.points
    sensors: dict[str, list[Sequence[float | None]]] = {
        "Latency, ms: median, and p95 dashed": [
            [point.median_ms for point in points],
            [point.p95_ms for point in points],
        ],
        "CPU clock, MHz": [[point.mhz for point in points]],
        "Temperature, °C": [[point.celsius for point in points]],
    }
    return [
        (caption, _against_time(caption, run, lines))
        for caption, lines in sensors.items()
        if any(value is not None for values in lines for value in values)
    ]


def _against_time(caption: str, run: SustainedRun, lines: Sequence[Sequence[float | None]]) -> str:
    times = [point.seconds for point in run.points]

    def paint(axes: Axes) -> None:
        for start, end in _throttled_spans(run.points, run.seconds):
            axes.axvspan(start, end, color=BAND, linewidth=0)
        for series, values in enumerate(lines):
            known = [(time, value) for time, value in zip(times, values) if value is not None]
            axes.plot(*zip(*known), color=SERIES[series], linestyle="--" if series else "-")
        axes.set(xlabel="s", xlim=(0, run.seconds))

    return draw(caption, paint)


def _throttled_spans(
    points: Sequence[SustainedPoint], run_seconds: float
) -> list[tuple[float, float]]:
    """From when to when it was throttled; stretches that follow each other are one."""
    spans: list[tuple[float, float]] = []
    ends = [*(point.seconds for point in points[1:]), run_seconds]
    for point, end in zip(points, ends):
        if not point.throttled:
            continue
        goes_on = spans and spans[-1][1] == point.seconds
        spans[-1:] = [(spans[-1][0], end)] if goes_on else [*spans[-1:], (point.seconds, end)]
    return spans


def accuracy_scatter(scores: tuple[Accuracy, ...]) -> str:
    """Latency against NME; a disc's area is the file's size, the line joins the Pareto front."""
    points = [(score.median_ms, score.nme_percent) for score in scores]
    front = [points[index] for index in pareto_front(points)]
    end_ms = max(x for x, _ in points)

    def paint(axes: Axes) -> None:
        axes.plot(*zip(*front), color=SERIES[1], linestyle="--")
        for score, (x, y) in zip(scores, points):
            area = max(DOT_AREA_PER_MB * score.model_bytes / 1e6, SMALLEST_AREA)
            # matplotlib's size is the square of the diameter.
            colour = SERIES[1 if (x, y) in front else 0]
            axes.scatter(x, y, 4 * area / pi, color=colour, alpha=0.85, linewidths=0, zorder=2)
            is_right = x > 0.6 * end_ms
            room = (area / pi) ** 0.5 + 4
            axes.annotate(
                score.model, (x, y), (-room if is_right else room, 0), textcoords="offset points",
                ha="right" if is_right else "left", va="center",
            )  # fmt: skip
        axes.set(xlabel="ms per inference, 1 thread", ylabel="NME %")
        axes.margins(y=0.12)
        axes.set_xlim(0, 1.08 * end_ms)

    return draw("Accuracy against latency", paint)


def operator_bars(table: OperatorTable) -> str:
    """MACs by type of operator."""
    sums: dict[str, int] = defaultdict(int)
    for operator in table.operators:
        sums[operator.type] += operator.macs
    rows = [
        (kind.replace("_", " ").lower(), macs / 1e6, macs / 1e6, macs / 1e6)
        for kind, macs in sorted(sums.items(), key=lambda item: -item[1])
        if macs
    ]
    return draw_rows(f"MACs of {table.model}", "million MAC", rows)
