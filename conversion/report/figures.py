"""The plots of a conversion report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.report.svg_figure import HEIGHT_INCH, SERIES, draw, log_scale
from conversion.report.record import ConversionReport
from conversion.verification.agreement import SHARE_STEP_PX
from conversion.verification.verification import Verification

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Layers that hand values on as they are.
UNCOMPUTED = ("PAD", "RESHAPE")


def figures(report: ConversionReport) -> list[tuple[str, str]]:
    """Captions and SVG for the page; a plot without data is left out."""
    measured = [one for one in report.variants if one.agreement is not None]
    drawn = {
        "Share of points within a distance of Keras": _share_of_points(measured),
        "Size against distance to Keras": _size_against_distance(measured),
        "Error of every layer in parts of its signal": _layer_errors(measured),
        "One inference on this machine, ms": _latency(measured),
    }
    return [(caption, svg) for caption, svg in drawn.items() if svg]


def _share_of_points(measured: list[Verification]) -> str:
    curves = [one for one in measured if one.agreement and one.agreement.share_by_px[0] < 1]
    if not curves:
        return ""

    def paint(axes: Axes) -> None:
        for one in curves:
            assert one.agreement is not None
            shares = 100 * np.array([0.0, *one.agreement.share_by_px])
            at_px = SHARE_STEP_PX * np.arange(len(shares))
            axes.plot(at_px, shares, color=_colour(one, measured), label=one.variant)
        axes.set(xlabel="px of the crop", ylabel="% of points", xlim=(0, None), ylim=(0, 101))
        axes.legend()

    return draw("Share of points within a distance of Keras", paint)


def _size_against_distance(measured: list[Verification]) -> str:
    if not measured:
        return ""

    def paint(axes: Axes) -> None:
        for one in measured:
            assert one.agreement is not None
            place = (one.size_bytes / 1e6, one.agreement.mean_px)
            axes.plot(*place, "o", color=_colour(one, measured), label=one.variant)
        axes.set(xlabel="MB", ylabel="mean px to Keras", xlim=(0, None))
        axes.set_ylim(bottom=-0.01)
        axes.margins(0.1)
        axes.legend()

    return draw("Size against distance to Keras", paint)


def _layer_errors(measured: list[Verification]) -> str:
    quantized = [one for one in measured if one.layers and one.variant != "float32"]
    if not quantized:
        return ""

    def paint(axes: Axes) -> None:
        for one in quantized:
            errors = [layer.error for layer in one.layers if layer.operator not in UNCOMPUTED]
            axes.plot(errors, ".-", color=_colour(one, measured), label=one.variant)
        names = [one.layer for one in quantized[0].layers if one.operator not in UNCOMPUTED]
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=6.5)
        axes.set(yscale="log", ylabel="RMS error / RMS of the layer")
        log_scale(axes.yaxis)
        # Above the curves, which leave no corner free.
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)

    return draw("Error of every layer", paint, 1.3 * HEIGHT_INCH)


def _latency(measured: list[Verification]) -> str:
    timed = [(one, one.latency_ms) for one in measured if one.latency_ms is not None]
    if not timed:
        return ""

    def paint(axes: Axes) -> None:
        colours = [_colour(one, measured) for one, _ in timed]
        bars = axes.barh(range(len(timed)), [ms for _, ms in timed], height=0.6, color=colours)
        axes.bar_label(bars, fmt="%.2f", padding=3)
        axes.set_yticks(range(len(timed)), [one.variant for one, _ in timed])
        axes.set_ylim(max(len(timed), 3) - 0.5, -0.5)
        axes.set(xlabel="ms, one thread, median")
        axes.margins(x=0.12)

    return draw("One inference on this machine", paint)


def _colour(one: Verification, among: list[Verification]) -> str:
    return SERIES[[other.variant for other in among].index(one.variant) % len(SERIES)]
