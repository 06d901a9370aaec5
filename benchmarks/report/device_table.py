"""Reports of many devices as one Markdown table, that of the README."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.report.markdown import markdown_table
from benchmarks.report.number_format import megabytes, millions, three_digits
from benchmarks.report.record import AndroidRun, Report

SHORT_RUNS = "short runs (no --publish)"


HEADER = (
    "device", "model", "MAC", "file", "NME %", "1 thread, median ms", "p90 ms",
    "best, ms (threads)", "time / MediaPipe's (95 %)", "runtime", "reservations",
)  # fmt: skip


def device_table(reports: Sequence[Report]) -> str:
    """One row per device and model: one thread, and the fastest setting that was measured.

    One thread is by MLPerf's rules where the report holds such rows, and a short run elsewhere.
    """
    rows: list[tuple[str, ...]] = []
    for report in reports:
        models = dict.fromkeys(run.model for run in report.latency)
        rows += [_row(report, model) for model in models]
        rows += _android_rows(report)
    return markdown_table(HEADER, rows) + "\n"


def _row(report: Report, model: str) -> tuple[str, ...]:
    runs = [run for run in report.latency if run.model == model]
    best = min(runs, key=lambda run: run.latency.median_ms)
    single = next((run.latency for run in runs if run.threads == 1 and run.xnnpack), None)
    published = next((row for row in report.published if row.model == model), None)
    of = published or single
    ratios = (one.ratio for one in report.comparisons if one.a.split(" (")[0] == model)
    nmes = (score.nme_percent for score in report.accuracy if score.model == model)
    macs = (table.macs for table in report.operators if table.model == model)
    return (
        _name(report),
        model,
        _shown(next(macs, None), millions),
        megabytes(best.model_bytes),
        _shown(next(nmes, None), "{:.2f}".format),
        three_digits(of.median_ms if of else None),
        three_digits(of.p90_ms if of else None),
        f"{three_digits(best.latency.median_ms)} (x{best.threads})",
        _shown(next(ratios, None), str),
        best.runtime,
        "; ".join(published.reservations) or "none" if published else SHORT_RUNS,
    )


def _shown(value: Any, text: Callable[[Any], str]) -> str:
    return "–" if value is None else text(value)


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
                "–",
                megabytes(runs[0].model_bytes),
                "–",
                three_digits(single[0]) if single else "–",
                "–",
                f"{three_digits(typical_ms(best))} (x{best.threads})",
                "–",
                "benchmark_model",
                SHORT_RUNS,
            )
        )
    return rows
