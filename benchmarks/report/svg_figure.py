"""matplotlib's SVG for a page: it takes the page's colours, light or dark, and its width."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

from benchmarks.errors import BenchmarkError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

# On a phone's 390 px, where a figure is 340 px wide, text of 12 points is still 10 px high.
WIDTH_INCH, HEIGHT_INCH = 5.8, 3.5
ROW_INCH, ROWS_AROUND_INCH = 0.33, 0.75
LONGEST_NAME = 32
# Stand-ins that matplotlib writes into the SVG, and the page's variables that take their place.
INK, SOFT, LINE, BAND = "#010203", "#020304", "#040506", "#070809"
SERIES = tuple(f"#0a0b{number:02x}" for number in range(6))
COLOURS = {INK: "ink", SOFT: "soft", LINE: "line", BAND: "band"} | {
    colour: f"s{number}" for number, colour in enumerate(SERIES)
}
# The figure's own size, which would fix the width where the page's column should decide; who drew
# it; names and styles that every figure would repeat.
CLUTTER = (
    r' (?:width|height)="[0-9.]+pt"',
    r"<metadata>.*?</metadata>",
    r"<!--.*?-->",
    r"<style.*?</style>",
    r' id="[a-zA-Z0-9.]+_[0-9]+"',
    r' xmlns:xlink="[^"]*"',
    r"xlink:(?=href)",
)
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "face520",
    "font.size": 12,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
}


def draw(title: str, paint: Callable[[Axes], None], height_inch: float = HEIGHT_INCH) -> str:
    """The SVG element of what `paint` draws; title: read out by screen readers.

    Raises BenchmarkError when matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise missing(error) from error
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(WIDTH_INCH, height_inch), layout="constrained")
        axes = figure.add_subplot()
        axes.locator_params(nbins=6)
        paint(axes)
        text = StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    for clutter in CLUTTER:
        svg = re.sub(clutter, "", svg, flags=re.DOTALL)
    for colour, name in COLOURS.items():
        svg = svg.replace(colour, f"var(--{name})")
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(title)}"', 1)


def draw_rows(
    title: str,
    label: str,
    rows: Sequence[tuple[str, float, float, float]],
    from_zero: bool = True,
    mark: float | None = None,
) -> str:
    """Named rows, the first on top: a bar (or, not from zero, a dot) with a whisker.

    rows: name, value, low and high end of the whisker. mark: where a thin upright line stands.
    """
    names, values, lows, highs = zip(*rows)
    places = range(len(rows))

    def paint(axes: Axes) -> None:
        if from_zero:
            axes.barh(places, values, height=0.64, color=SERIES[0], alpha=0.85)
        else:
            axes.plot(values, places, "o", color=SERIES[0], markersize=8)
        axes.hlines(places, lows, highs, color=SERIES[1 if from_zero else 0])
        if mark is not None:
            rule(axes, mark)
        axes.set_yticks(places, [_shortened(name) for name in names])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(label)

    return draw(title, paint, ROWS_AROUND_INCH + ROW_INCH * len(rows))


def rule(axes: Axes, x: float, label: str = "") -> None:
    """A thin upright line, its label at the top, on the side that has room."""
    axes.axvline(x, color=SOFT, linewidth=1.2, linestyle=(0, (3, 3)))
    if label:
        low, high = axes.get_xlim()
        to_left = x - low > 0.6 * (high - low)
        axes.annotate(
            label, (x, 1), (-4 if to_left else 4, 0), axes.get_xaxis_transform(), "offset points",
            ha="right" if to_left else "left", va="top",
        )  # fmt: skip


def log_scale(axis: Axis) -> None:
    """1, 3, 10, 30 ... along a logarithmic axis, in plain figures."""
    from matplotlib.ticker import LogLocator, NullLocator

    axis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter("{x:g}")


def missing(error: ImportError) -> BenchmarkError:
    """What to raise where a package for pages is absent."""
    return BenchmarkError(f"HTML needs {error.name}. Run: pip install 'face520[bench]'")


def _shortened(name: str) -> str:
    """Beginning and end of a name that would leave its row no room."""
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[: half - 1]}…{name[-half:]}"
