"""Pictures that matplotlib draws, written whole or not at all."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from edge_runtime.atomic_file import write_whole


def write_figure(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG. Raises OutputWriteError."""
    encoded = BytesIO()
    figure.savefig(encoded, format="png")
    write_whole(path, encoded.getvalue())
