"""The conversion report as files: its record and its page."""

from __future__ import annotations

from pathlib import Path

from benchmarks.report.html_page import render
from conversion.report.figures import figures
from conversion.report.record import ConversionReport
from conversion.variant import LIMIT_CROP_PX, LIMITS
from edge_runtime.atomic_file import write_whole

TEMPLATE = Path(__file__).parent / "page.html.j2"


def write_report(report: ConversionReport, folder: Path) -> Path:
    """Write face520_<name>_conversion.json and .html into the folder; returns the page's path."""
    stem = f"face520_{report.model_name}_conversion"
    write_whole(folder / f"{stem}.json", report.to_json().encode())
    page = folder / f"{stem}.html"
    write_whole(page, to_html(report).encode())
    return page


def to_html(report: ConversionReport) -> str:
    """The page."""
    return render(
        TEMPLATE,
        {"all": figures(report)},
        report=report,
        limits=LIMITS,
        limit_crop_px=LIMIT_CROP_PX,
    )
