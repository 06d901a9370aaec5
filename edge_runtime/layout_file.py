"""Layout files given by a user: read with the checks that a file made elsewhere needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.atomic_file import write_whole
from edge_runtime.errors import Face520Error
from edge_runtime.layout import IBUG68_COUNT, Layout


class LayoutFileError(Face520Error):
    """A layout file is missing, damaged or describes no usable landmarks."""


def read_layout(path: Path) -> Layout:
    """Read and check a layout JSON; raises LayoutFileError."""
    if not path.is_file():
        raise LayoutFileError(
            f"{path}: no such layout. `face520-train layout` or `face520-train import-layout` "
            "writes one."
        )
    try:
        layout = Layout.from_json(json.loads(path.read_text()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LayoutFileError(f"{path}: not a layout ({type(error).__name__}: {error}).") from error
    fault = _fault(layout)
    if fault:
        raise LayoutFileError(f"{path}: not a usable layout, {fault}.")
    return layout


def write_layout(layout: Layout, path: Path, **origin: Any) -> None:
    """Write a layout JSON, whole or not at all, with notes on its origin that no program reads."""
    stored = layout.to_json() | origin
    write_whole(path, (json.dumps(stored) + "\n").encode())


def _fault(layout: Layout) -> str | None:
    """What makes the arrays of a layout contradict each other."""
    count = len(layout)
    if layout.uv.shape != (count, 2) or count < IBUG68_COUNT:
        return f"uv is {layout.uv.shape}, expected (N, 2) with the 68 iBUG landmarks first"
    if not (np.isfinite(layout.uv).all() and layout.uv.min() >= 0 and layout.uv.max() <= 1):
        return "some uv lie outside 0..1"
    if layout.mean_shape.shape != (count, 3) or not np.isfinite(layout.mean_shape).all():
        return f"mean_shape is {layout.mean_shape.shape}, expected ({count}, 3) finite numbers"
    if sorted(layout.mirror.tolist()) != list(range(count)):
        return f"mirror is no permutation of {count} landmarks"
    if (layout.mirror[layout.mirror] != np.arange(count)).any():
        return "mirroring twice does not give the landmark back"
    triangles = layout.triangles
    if triangles.ndim != 2 or triangles.shape[1] != 3 or not _in_range(triangles, count):
        return f"triangles do not name three of {count} landmarks each"
    return None


def _in_range(indices: NDArray[Any], count: int) -> bool:
    return bool(indices.min(initial=0) >= 0 and indices.max(initial=0) < count)
