"""The conversion report as one HTML file: no network, no scripts, light and dark."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from conversion.report.figures import plots
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
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        report=report,
        plots={caption: Markup(svg) for caption, svg in plots(report).items()},
        limits=LIMITS,
        limit_crop_px=LIMIT_CROP_PX,
    )
