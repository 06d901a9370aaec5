"""Reports of many devices as one Markdown table, that of the README."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.report.markdown import markdown_table
from benchmarks.report.number_format import three_digits
from benchmarks.report.record import AndroidRun, Report

SHORT_RUNS = "short runs (no --publish)"


def device_table(reports: Sequence[Report]) -> str:
    """One row per device and model: one thread, and the fastest setting that was measured.

    One thread is by MLPerf's rules where the report holds such rows, and a short run elsewhere.
    """
    rows: list[tuple[str, ...]] = []
    for report in reports:
        models = list(dict.fromkeys(run.model for run in report.latency))
        nme = {score.model: f"{score.nme_percent:.2f}" for score in report.accuracy}
        published = {row.model: row for row in report.published}
        for model in models:
            runs = [run for run in report.latency if run.model == model]
            single = [run for run in runs if run.threads == 1 and run.xnnpack]
            best = min(runs, key=lambda run: run.latency.median_ms)
            ratios = [
                one.ratio.ratio for one in report.comparisons if one.a.split(" (")[0] == model
            ]
            row = published.get(model)
            median_ms, p90_ms = (
                (row.median_ms, row.p90_ms)
                if row
                else (single[0].latency.median_ms, single[0].latency.p90_ms)
                if single
                else (None, None)
            )
            rows.append(
                (
                    _name(report),
                    model,
                    three_digits(median_ms),
                    three_digits(p90_ms),
                    f"{three_digits(best.latency.median_ms)} (x{best.threads})",
                    f"{ratios[0]:.2f} x" if ratios else "–",
                    nme.get(model, "–"),
                    best.runtime,
                    "; ".join(row.reservations) or "none" if row else SHORT_RUNS,
                )
            )
        rows += _android_rows(report)
    header = (
        "device",
        "model",
        "1 thread, median ms",
        "p90 ms",
        "best, ms (threads)",
        "of MediaPipe's time",
        "NME %",
        "runtime",
        "reservations",
    )
    return markdown_table(header, rows) + "\n"


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
                "–",
                "benchmark_model",
                SHORT_RUNS,
            )
        )
    return rows
