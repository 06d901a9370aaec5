"""A report as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.face_accuracy import FaceAccuracy
from benchmarks.operators.operators import OperatorTable
from benchmarks.report.number_format import megabytes, millions, three_digits
from benchmarks.report.record import Report
from benchmarks.timing.latency import LatencyRun
from benchmarks.timing.published import PublishedRow, PublishedRun
from benchmarks.timing.tracked_frames import TrackedFrames


def to_markdown(report: Report) -> str:
    """Latency, comparisons, accuracy and what was left out."""
    device = report.device
    parts = [
        f"## {device.name}\n\n{device.processor}, {device.cores} cores, {device.system}, "
        f"Python {device.python}, revision {device.git_revision}, {report.created}."
    ]
    if not device.is_quiet:
        parts.append("**Not for publication: the machine was not known to be quiet.**")
    if report.published:
        parts.append(_published(report.published))
    if report.latency:
        parts.append(_latency_table(report.latency))
    if report.android:
        parts.append(
            markdown_table(
                ("model", "threads", "mean ms", "median ms", "p95", "°C after"),
                [
                    (
                        one.model,
                        str(one.threads),
                        three_digits(one.run.mean_ms),
                        three_digits(one.run.median_ms),
                        three_digits(one.run.p95_ms),
                        three_digits(one.after.celsius),
                    )
                    for one in report.android
                ],
            )
        )
    if report.comparisons:
        parts.append(
            markdown_table(
                ("A", "B", "A ms", "B ms", "A / B (95 %)", "A / itself (95 %)"),
                [
                    (
                        one.a,
                        one.b,
                        three_digits(one.a_ms),
                        three_digits(one.b_ms),
                        str(one.ratio),
                        str(one.noise),
                    )
                    for one in report.comparisons
                ],
            )
        )
    if report.tracked_frames:
        parts.append(_tracked_frames(report.tracked_frames))
    if report.accuracy:
        parts.append(
            markdown_table(
                ("model", "faces", "NME %", "own detector NME %", "missed", "file"),
                [
                    (
                        score.model,
                        str(score.faces),
                        f"{score.nme_percent:.2f}",
                        three_digits(score.found_nme_percent),
                        str(score.missed),
                        megabytes(score.model_bytes),
                    )
                    for score in report.accuracy
                ],
            )
        )
    if report.face_accuracy:
        parts.append(_face_accuracy(report.face_accuracy))
    if report.operators:
        parts.append(_operators(report.operators))
    if report.skipped:
        parts.append("Left out:\n\n" + "\n".join(f"- {reason}" for reason in report.skipped))
    return "\n\n".join(parts) + "\n"


def _latency_table(runs: Sequence[LatencyRun]) -> str:
    return markdown_table(
        (
            "model",
            "runtime",
            "threads",
            "XNNPACK",
            "median ms",
            "p90",
            "p95",
            "p99",
            "noise (95 %)",
        ),
        [
            (
                run.model,
                f"{run.runtime} {run.runtime_version}",
                str(run.threads),
                "on" if run.xnnpack else "off",
                three_digits(run.latency.median_ms),
                three_digits(run.latency.p90_ms),
                three_digits(run.latency.p95_ms),
                three_digits(run.latency.p99_ms),
                str(run.noise or "–"),
            )
            for run in runs
        ],
    )


def _face_accuracy(scores: Sequence[FaceAccuracy]) -> str:
    def figure(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    return markdown_table(
        ("model", "squares", "NME %", "eyes: correlation", "slope", "mouth: correlation", "slope",
         "closed eyes AUC", "covered AUC", "hidden AUC", "faces", "missed"),
        [
            (
                score.model,
                score.squares,
                f"{score.nme_percent:.2f}",
                figure(score.eyes_correlation),
                figure(score.eyes_slope),
                figure(score.mouth_correlation),
                figure(score.mouth_slope),
                figure(score.closed_eyes_auc),
                figure(score.covered_auc),
                figure(score.hidden_auc),
                str(score.faces),
                str(score.missed),
            )
            for score in scores
        ],
    )  # fmt: skip


def _published(rows: Sequence[PublishedRow]) -> str:
    """Rows by MLPerf's rules; what stands against one is its last cell."""
    return (
        "After MLPerf's rules for a single stream: one thread, the 90th percentile of runs of at "
        "least 60 s without pause, two of each.\n\n"
    ) + markdown_table(
        (
            "model",
            "file",
            "NME %",
            "p90 ms",
            "median ms",
            "runs, s",
            "°C",
            "rest, s",
            "reservations",
        ),
        [
            (
                row.model,
                megabytes(row.model_bytes),
                "–" if row.nme_percent is None else f"{row.nme_percent:.2f}",
                _each(row.runs, lambda run: three_digits(run.p90_ms)),
                _each(row.runs, lambda run: three_digits(run.median_ms)),
                _each(row.runs, lambda run: f"{run.seconds:.0f}"),
                _each(
                    row.runs,
                    lambda run: (
                        "no sensor"
                        if run.celsius_before is None or run.celsius_after is None
                        else f"{run.celsius_before:.0f} to {run.celsius_after:.0f}"
                    ),
                ),
                _each(row.runs, lambda run: f"{run.cool_down_seconds:.0f}"),
                "; ".join(row.reservations) or "none",
            )
            for row in rows
        ],
    )


def _each(runs: Sequence[PublishedRun], shown: Callable[[PublishedRun], str]) -> str:
    """A figure of every run; once where all are the same."""
    return ", ".join(dict.fromkeys(shown(run) for run in runs))


def _operators(tables: Sequence[OperatorTable]) -> str:
    """A row for each model; where costs were counted or timed, one for each operator too."""
    sizes = [
        (one.model, str(len(one.operators)), millions(one.macs), millions(one.parameters))
        for one in tables
    ]
    parts = [markdown_table(("model", "operators", "MAC", "parameters"), sizes)]
    for one in tables:
        if one.costs:
            header = [f"{costs.unit}, {costs.where}" for costs in one.costs]
            rows = [
                (
                    op.type,
                    "x".join(map(str, op.output_shape)),
                    str(op.macs),
                    *(three_digits(costs.values[op.index]) for costs in one.costs),
                )
                for op in one.operators
            ]
            rows.append((one.model, "in one piece", str(one.macs),
                         *(three_digits(costs.whole) for costs in one.costs)))  # fmt: skip
            parts.append(markdown_table(("operator", "output", "MAC", *header), rows))
    return "\n\n".join(parts)


def _tracked_frames(found: TrackedFrames) -> str:
    return f"{found}.\n\n" + markdown_table(
        (
            "pipeline",
            "gives",
            "CPU ms (95 %)",
            "p90",
            "wall ms",
            "p90",
            "CPU / MediaPipe's (95 %)",
            "wall",
        ),
        [
            (
                row.pipeline,
                row.gives,
                str(row.cpu),
                f"{row.cpu.p90_ms:.2f}",
                str(row.wall),
                f"{row.wall.p90_ms:.2f}",
                str(row.cpu_of_mediapipe),
                str(row.wall_of_mediapipe),
            )
            for row in found.rows
        ],
    )


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of as many cells as the header has."""
    lines = [header, ["---"] * len(header), *rows]
    # A device may name itself with a bar in it.
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines
    )
