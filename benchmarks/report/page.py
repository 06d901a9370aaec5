"""A report as one HTML file: no network, no scripts, readable on a phone, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.device import QUIET_BELOW_PERCENT
from benchmarks.errors import BenchmarkError
from benchmarks.operators.core_table import CORES
from benchmarks.operators.roofline import SHARE_OF_PEAK
from benchmarks.report import figures
from benchmarks.report.number_format import megabytes, millions, three_digits
from benchmarks.report.record import Report

TEMPLATE = Path(__file__).parent / "page.html.j2"


def to_html(report: Report) -> str:
    """The page. Raises BenchmarkError when jinja2 is not installed."""
    try:
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup
    except ImportError as error:
        raise BenchmarkError("HTML needs jinja2. Run: pip install 'face520[bench]'") from error
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(n=three_digits, mb=megabytes, m=millions)
    plots = {
        name: [(caption, Markup(svg)) for caption, svg in drawn]
        for name, drawn in _plots(report).items()
    }
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    page: str = template.render(
        report=report,
        device=report.device,
        plots=plots,
        cores=CORES,
        share_of_peak=SHARE_OF_PEAK,
        quiet_below=QUIET_BELOW_PERCENT,
    )
    return page


def _plots(report: Report) -> dict[str, list[tuple[str, str]]]:
    """Captions and SVG of every section."""
    drawn: dict[str, list[tuple[str, Any]]] = {
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
        drawn["sustained"] = list(figures.sustained_lines(report.sustained))
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
        drawn["operators"].append(
            (
                f"{table.model}: roofs from data sheets; dots on the axis: its operators",
                figures.roofline(table),
            )
        )
    return drawn
