"""A picture of the keypoint layout: the 520 points on the neutral face, seen from two sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edge_runtime.layout import IBUG68_COUNT, Layout
from training.figure_file import write_figure

VIEWS = (("front", 0), ("the subject's left side", -90))


def draw_layout(layout: Layout, path: Path) -> None:
    """Write a PNG: mesh, the 452 surface points, and the 68 iBUG landmarks with their numbers.

    Raises OutputWriteError.
    """
    figure = Figure(figsize=(15, 9.5), dpi=80, layout="constrained")
    for axes, (name, yaw_deg) in zip(figure.subplots(1, 2, sharey=True), VIEWS):
        _draw_view(axes, layout, yaw_deg)
        axes.set_title(f"{layout.reference}, {name}", fontsize=11)
    write_figure(figure, path)


def _draw_view(axes: Axes, layout: Layout, yaw_deg: float) -> None:
    x, y, z = layout.mean_shape.T
    yaw = np.radians(yaw_deg)
    across = x * np.cos(yaw) - z * np.sin(yaw)
    toward = -(x * np.sin(yaw) + z * np.cos(yaw))
    # Draw the far side first and pale, so that the near side reads clearly.
    near = toward >= np.median(toward) - 0.35
    edges = {
        tuple(sorted((int(a), int(b))))
        for triangle in layout.triangles
        for a, b in zip(triangle, np.roll(triangle, 1))
    }
    for a, b in edges:
        alpha = 0.55 if near[a] and near[b] else 0.12
        axes.plot(across[[a, b]], y[[a, b]], color="0.6", linewidth=0.6, alpha=alpha, zorder=1)
    surface = np.arange(len(layout)) >= IBUG68_COUNT
    for chosen, color, size in ((surface, "#1f6fb2", 14), (~surface, "#d1342f", 22)):
        for shown, alpha in ((near, 1.0), (~near, 0.15)):
            points = chosen & shown
            axes.scatter(across[points], y[points], s=size, c=color, alpha=alpha, zorder=2)
    for index in np.flatnonzero(~surface & near):
        place = (across[index], y[index])
        axes.annotate(
            str(index), place, (3, 3), textcoords="offset points", fontsize=7, color="#7a1512"
        )
    axes.set_aspect("equal")
    # Not invert_yaxis(): the views share the axis, and two inversions cancel.
    axes.set_ylim(y.max() + 0.05, y.min() - 0.05)
    axes.set_axis_off()
