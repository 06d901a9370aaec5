"""Reports as Markdown tables: one device in full, or many devices in the table of the README."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.face_accuracy import FaceAccuracy
from benchmarks.report.number_format import megabytes, three_digits
from benchmarks.report.record import AndroidRun, Report
from benchmarks.timing.latency import LatencyRun
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
    if report.latency:
        parts.append(_latency_table(report.latency))
    if report.android:
        parts.append(
            _table(
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
            _table(
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
            _table(
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
    if report.bounds:
        parts.append(
            "Not measured, arithmetic from data sheets:\n\n"
            + _table(
                ("model", "core", "lower bound ms", "estimate ms"),
                [
                    (
                        bound.model,
                        f"{bound.core} ({bound.board})",
                        three_digits(bound.lower_bound_ms),
                        three_digits(bound.estimate_ms),
                    )
                    for bound in report.bounds
                ],
            )
        )
    if report.skipped:
        parts.append("Left out:\n\n" + "\n".join(f"- {reason}" for reason in report.skipped))
    return "\n\n".join(parts) + "\n"


def device_table(reports: Sequence[Report]) -> str:
    """One row per device and model: the fastest setting that was measured, and one thread."""
    rows: list[tuple[str, ...]] = []
    for report in reports:
        models = list(dict.fromkeys(run.model for run in report.latency))
        for model in models:
            runs = [run for run in report.latency if run.model == model]
            single = [run for run in runs if run.threads == 1 and run.xnnpack]
            best = min(runs, key=lambda run: run.latency.median_ms)
            ratios = [
                one.ratio.ratio for one in report.comparisons if one.a.split(" (")[0] == model
            ]
            rows.append(
                (
                    _name(report),
                    model,
                    three_digits(single[0].latency.median_ms) if single else "–",
                    three_digits(single[0].latency.p99_ms) if single else "–",
                    f"{three_digits(best.latency.median_ms)} (x{best.threads})",
                    f"{ratios[0]:.2f} x" if ratios else "–",
                    best.runtime,
                )
            )
        rows += _android_rows(report)
    header = (
        "device",
        "model",
        "1 thread, median ms",
        "p99 ms",
        "best, ms (threads)",
        "of MediaPipe's time",
        "runtime",
    )
    return _table(header, rows) + "\n"


def _name(report: Report) -> str:
    """The device, with a word of warning where its figures are not to be published."""
    if report.device.is_quiet:
        return report.device.name
    silent = report.device.busy_percent is None
    return f"{report.device.name} ({'load unknown' if silent else 'not quiet'})"


def _android_rows(report: Report) -> list[tuple[str, ...]]:
    """One row per model; older versions of benchmark_model give a mean and no median."""
    rows: list[tuple[str, ...]] = []
    for model in dict.fromkeys(one.model for one in report.android):
        runs = [one for one in report.android if one.model == model]

        def typical_ms(one: AndroidRun) -> float:
            return one.run.mean_ms if one.run.median_ms is None else one.run.median_ms

        single = [typical_ms(one) for one in runs if one.threads == 1]
        best = min(runs, key=typical_ms)
        rows.append(
            (
                _name(report),
                model,
                three_digits(single[0]) if single else "–",
                "–",
                f"{three_digits(typical_ms(best))} (x{best.threads})",
                "–",
                "benchmark_model",
            )
        )
    return rows


def _latency_table(runs: Sequence[LatencyRun]) -> str:
    return _table(
        ("model", "runtime", "threads", "XNNPACK", "median ms", "p95", "p99", "noise (95 %)"),
        [
            (
                run.model,
                f"{run.runtime} {run.runtime_version}",
                str(run.threads),
                "on" if run.xnnpack else "off",
                three_digits(run.latency.median_ms),
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

    return _table(
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


def _tracked_frames(found: TrackedFrames) -> str:
    return f"{found}.\n\n" + _table(
        ("pipeline", "gives", "CPU ms (95 %)", "wall ms", "CPU / MediaPipe's (95 %)", "wall"),
        [
            (
                row.pipeline,
                row.gives,
                str(row.cpu),
                str(row.wall),
                str(row.cpu_of_mediapipe),
                str(row.wall_of_mediapipe),
            )
            for row in found.rows
        ],
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    # A device may name itself with a bar in it.
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines
    )
