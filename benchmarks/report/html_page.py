"""A report as one HTML file: no network, no scripts, readable on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report.number_format import megabytes, millions, three_digits
from benchmarks.report.svg_figure import missing

# Caption and SVG of the figures of each section.
Figures = Mapping[str, Sequence[tuple[str, str]]]


def render(template: Path, figures: Figures, **values: Any) -> str:
    """The page of a template that extends `base.html.j2`.

    `{{ drawn("name") }}` shows the figures of that name. Raises BenchmarkError when jinja2 is not
    installed.
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError as error:
        raise missing(error) from error
    environment = Environment(
        loader=FileSystemLoader([template.parent, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(n=three_digits, mb=megabytes, m=millions)
    shown = {
        name: [(caption, Markup(svg)) for caption, svg in drawn] for name, drawn in figures.items()
    }
    return environment.get_template(template.name).render(figures=shown, **values)
