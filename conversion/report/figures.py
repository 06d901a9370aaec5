"""The report's plots: matplotlib's SVG, its colours handed over to the page, light or dark."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import numpy as np

from conversion.report.record import ConversionReport
from conversion.verification.agreement import SHARE_STEP_PX
from conversion.verification.verification import Verification

WIDTH_INCH, HEIGHT_INCH = 6.2, 3.4
# Stand-ins that matplotlib writes into the SVG, and the page's variables that take their place.
INK, LINE = "#010203", "#040506"
SERIES = tuple(f"#0a0b{number:02x}" for number in range(6))
COLOURS = {INK: "var(--ink)", LINE: "var(--line)"} | {
    colour: f"var(--s{number})" for number, colour in enumerate(SERIES)
}
# The figure's own size, which would fix the width where the page's column should decide; who drew
# it; and names that every figure would repeat.
CLUTTER = (
    r' (?:width|height)="[0-9.]+pt"',
    r"<metadata>.*?</metadata>",
    r' id="[a-zA-Z0-9.]+_[0-9]+"',
)
# Layers that hand values on as they are.
UNCOMPUTED = ("PAD", "RESHAPE")
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "face520",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}


def plots(report: ConversionReport) -> dict[str, str]:
    """SVG by caption of the page; a plot without data is left out."""
    import matplotlib

    measured = [one for one in report.variants if one.agreement is not None]
    with matplotlib.rc_context(SETTINGS):
        drawn = {
            "Share of points within a distance of Keras": _share_of_points(measured),
            "Size against distance to Keras": _size_against_distance(measured),
            "Error of every layer in parts of its signal": _layer_errors(measured),
            "One inference on this machine, ms": _latency(measured),
        }
    return {caption: svg for caption, svg in drawn.items() if svg}


def _share_of_points(measured: list[Verification]) -> str:
    curves = [one for one in measured if one.agreement and one.agreement.share_by_px[0] < 1]
    if not curves:
        return ""
    figure, axes = _figure()
    for one in curves:
        assert one.agreement is not None
        shares = 100 * np.array([0.0, *one.agreement.share_by_px])
        at_px = SHARE_STEP_PX * np.arange(len(shares))
        axes.plot(at_px, shares, color=_colour(one, measured), label=one.variant)
    axes.set(xlabel="px of the crop", ylabel="% of points", xlim=(0, None), ylim=(0, 101))
    axes.legend()
    return _svg(figure)


def _size_against_distance(measured: list[Verification]) -> str:
    if not measured:
        return ""
    figure, axes = _figure()
    for one in measured:
        assert one.agreement is not None
        place = (one.size_bytes / 1e6, one.agreement.mean_px)
        axes.plot(*place, "o", color=_colour(one, measured), label=one.variant)
    axes.set(xlabel="MB", ylabel="mean px to Keras", xlim=(0, None))
    axes.set_ylim(bottom=-0.01)
    axes.margins(0.1)
    axes.legend()
    return _svg(figure)


def _layer_errors(measured: list[Verification]) -> str:
    quantized = [one for one in measured if one.layers and one.variant != "float32"]
    if not quantized:
        return ""
    figure, axes = _figure(height=4.2)
    for one in quantized:
        errors = [layer.error for layer in one.layers if layer.operator not in UNCOMPUTED]
        axes.plot(errors, ".-", color=_colour(one, measured), label=one.variant)
    names = [one.layer for one in quantized[0].layers if one.operator not in UNCOMPUTED]
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=6.5)
    axes.set(yscale="log", ylabel="RMS error / RMS of the layer")
    axes.legend()
    return _svg(figure)


def _latency(measured: list[Verification]) -> str:
    timed = [one for one in measured if one.latency_ms is not None]
    if not timed:
        return ""
    figure, axes = _figure()
    times = [one.latency_ms for one in timed]
    colours = [_colour(one, measured) for one in timed]
    bars = axes.barh(range(len(timed)), times, height=0.6, color=colours)
    axes.bar_label(bars, fmt="%.2f", padding=3)
    axes.set_yticks(range(len(timed)), [one.variant for one in timed])
    axes.set_ylim(max(len(timed), 3) - 0.5, -0.5)
    axes.set(xlabel="ms, one thread, median")
    axes.margins(x=0.12)
    return _svg(figure)


def _colour(one: Verification, among: list[Verification]) -> str:
    return SERIES[[other.variant for other in among].index(one.variant) % len(SERIES)]


def _figure(height: float = HEIGHT_INCH) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCH, height), layout="constrained")
    return figure, figure.add_subplot()


def _svg(figure: Any) -> str:
    text = StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    for clutter in CLUTTER:
        svg = re.sub(clutter, "", svg, flags=re.DOTALL)
    for colour, variable in COLOURS.items():
        svg = svg.replace(colour, variable)
    return svg
