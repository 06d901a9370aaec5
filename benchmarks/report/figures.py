"""The plots of a report, each from its record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from benchmarks.accuracy import Accuracy, pareto_front
from benchmarks.operators.core_table import CORES
from benchmarks.operators.operators import OperatorTable
from benchmarks.operators.roofline import intensity
from benchmarks.report.svg_plot import Axis, Plot, rows_plot
from benchmarks.timing.comparison import Comparison
from benchmarks.timing.latency import LatencyRun
from benchmarks.timing.stages import Pipeline
from benchmarks.timing.sustained import SustainedRun

DOT_AREA_PER_MB = 60.0
TAIL_END = 1.5  # of the slowest median


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
    return rows_plot("Latency of every setting", "ms; bar: median, line: min to p95", rows)


def latency_histogram(run: LatencyRun) -> str:
    """How often each time was taken."""
    histogram = run.latency.histogram
    x = Axis("ms", histogram.edges_ms[0], histogram.edges_ms[-1] or 1.0)
    if x.high <= x.low:
        x = Axis("ms", x.low - 0.5, x.low + 0.5)
    y = Axis.around("inferences", histogram.counts, from_zero=True)
    plot = Plot(f"Histogram of {run.model}", x, y)
    for low, high, count in zip(histogram.edges_ms, histogram.edges_ms[1:], histogram.counts):
        if count:
            plot.bar(low, high, count)
    plot.rule(run.latency.median_ms, "median")
    return plot.svg()


def comparison_rows(comparisons: tuple[Comparison, ...]) -> str:
    """Every ratio with its interval, and that of a model with itself; the line is 1."""
    rows = []
    for one in comparisons:
        a, b = one.a.split(" (")[0], one.b.split(" (")[0]
        rows.append((f"{a} / {b}", one.ratio.ratio, one.ratio.low95, one.ratio.high95))
        rows.append((f"{a} / itself", one.noise.ratio, one.noise.low95, one.noise.high95))
    return rows_plot("Ratios of times", "time of A / time of B", rows, from_zero=False, mark=1.0)


def pipeline_bars(pipeline: Pipeline) -> str:
    """Median time of each stage."""
    rows = [
        (one.name, one.latency.median_ms, one.latency.min_ms, one.latency.p95_ms)
        for one in pipeline.stages
    ]
    return rows_plot("Stages of the pipeline", "ms; bar: median, line: min to p95", rows)


def sustained_lines(run: SustainedRun) -> list[tuple[str, str]]:
    """Latency, clock and temperature against time, each with its caption; throttling is shaded."""
    times = [point.seconds for point in run.points]
    x = Axis("s", 0.0, run.seconds)
    sensors: dict[str, list[Sequence[float | None]]] = {
        "Latency, ms: median, and p95 dashed": [
            [point.median_ms for point in run.points],
            [point.p95_ms for point in run.points],
        ],
        "CPU clock, MHz": [[point.mhz for point in run.points]],
        "Temperature, °C": [[point.celsius for point in run.points]],
    }
    figures = []
    for caption, lines in sensors.items():
        known = [value for values in lines for value in values if value is not None]
        if not known:
            continue
        plot = Plot(caption, x, Axis.around("", known))
        for point, end in zip(run.points, [*times[1:], run.seconds]):
            if point.throttled:
                plot.band(point.seconds, end)
        for index, values in enumerate(lines):
            drawn = [(time, value) for time, value in zip(times, values) if value is not None]
            plot.line(drawn, series=index, dashed=index > 0)
        figures.append((caption, plot.svg()))
    return figures


def accuracy_scatter(scores: tuple[Accuracy, ...]) -> str:
    """Latency against NME; a disc's area is the file's size, the line joins the Pareto front."""
    points = [(score.median_ms, score.nme_percent) for score in scores]
    plot = Plot(
        "Accuracy against latency",
        Axis.around("ms per inference, 1 thread", [x for x, _ in points], from_zero=True),
        Axis.around("NME %", [y for _, y in points]),
    )
    front = [points[index] for index in pareto_front(points)]
    if len(front) > 1:
        plot.line(front, series=1, dashed=True)
    for score, (x, y) in zip(scores, points):
        radius = max((DOT_AREA_PER_MB * score.model_bytes / 1e6 / 3.14) ** 0.5, 3)
        plot.dot(x, y, radius, series=1 if (x, y) in front else 0, label=score.model)
    return plot.svg()


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
    return rows_plot(f"MACs of {table.model}", "million MAC", rows)


def roofline(table: OperatorTable) -> str:
    """Peak of each core against intensity; the ticks below are the model's operators."""
    known = [(op, ratio) for op in table.operators if (ratio := intensity(op))]
    is_int8 = any(op.dtype == "int8" for op in table.operators)
    x = Axis.around("MAC per byte moved", [ratio for _, ratio in known], is_log=True)
    peaks = [core.macs_per_second(is_int8) / 1e9 for core in CORES]
    lowest = min(core.memory_gb_s.value * x.low for core in CORES)
    plot = Plot(
        f"Roofline of {table.model}",
        x,
        Axis.around("G MAC/s of one core", [lowest, *peaks], is_log=True),
    )
    for series, (core, peak) in enumerate(zip(CORES, peaks)):
        knee = min(max(peak / core.memory_gb_s.value, x.low), x.high)
        roof = [(x.low, min(core.memory_gb_s.value * x.low, peak)), (knee, peak), (x.high, peak)]
        plot.line(roof, series)
        # Its name stands above the roof; below the lowest, or where another is close above.
        below = peak == min(peaks) or any(peak < other < 2 * peak for other in peaks)
        plot.text(x.high, peak / 1.6 if below else peak * 1.22, core.name, to_left=True)
    for _, ratio in known:
        plot.dot(ratio, plot.y.low, 2.5, series=0)
    return plot.svg()
