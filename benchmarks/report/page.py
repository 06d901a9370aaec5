"""The page of a benchmark report: its sections and the figures in them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.device import QUIET_BELOW_PERCENT
from benchmarks.report import figures
from benchmarks.report.html_page import render
from benchmarks.report.record import Report

TEMPLATE = Path(__file__).parent / "page.html.j2"


def to_html(report: Report) -> str:
    """The page. Raises BenchmarkError when jinja2 or matplotlib is not installed."""
    return render(
        TEMPLATE,
        _figures(report),
        report=report,
        device=report.device,
        quiet_below=QUIET_BELOW_PERCENT,
    )


def _figures(report: Report) -> dict[str, list[tuple[str, str]]]:
    """Captions and SVG of every section."""
    drawn: dict[str, list[tuple[str, str]]] = {
        "latency": [],
        "comparison": [],
        "pipeline": [],
        "sustained": [],
        "accuracy": [],
        "operators": [],
    }
    if report.latency:
        drawn["latency"].append(
            (
                "Every setting: model x threads; plain is without XNNPACK",
                figures.latency_bars(report.latency),
            )
        )
        seen = set()
        for run in report.latency:
            if run.model not in seen:
                seen.add(run.model)
                caption = f"{run.model}, {run.threads} thread{'s' * (run.threads > 1)}"
                if run.latency.histogram.beyond:
                    caption += f"; {run.latency.histogram.beyond} slower ones not drawn"
                drawn["latency"].append((caption, figures.latency_histogram(run)))
    if report.comparisons:
        drawn["comparison"].append(
            ("Ratio with 95 % interval", figures.comparison_rows(report.comparisons))
        )
    if report.pipeline:
        drawn["pipeline"].append(("Time of each stage", figures.pipeline_bars(report.pipeline)))
    if report.sustained:
        drawn["sustained"] = figures.sustained_lines(report.sustained)
    if report.accuracy:
        drawn["accuracy"].append(
            (
                "Area: file size. Line: Pareto front, which no model beats in both",
                figures.accuracy_scatter(report.accuracy),
            )
        )
    for table in report.operators:
        drawn["operators"].append(
            (f"{table.model}: MAC by type of operator", figures.operator_bars(table))
        )
    return drawn
