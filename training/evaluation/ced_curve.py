"""The cumulative error curve: which share of the faces lies below each NME, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from edge_runtime.arrays import Float64Array
from edge_runtime.atomic_file import write_whole
from training.nme_scores import FAILED_NME_PERCENT, auc_percent


def draw_ced(curves: Mapping[str, Float64Array], path: Path) -> None:
    """Write a PNG with a curve for each name, over NME (F,) in percent.

    Raises OutputWriteError.
    """
    figure = Figure(figsize=(8, 5.5), dpi=110, layout="constrained")
    axes = figure.subplots()
    for name, nme in curves.items():
        reached, share = ced(nme)
        axes.step(reached, share, where="post", label=f"{name}: AUC {auc_percent(nme):.1f} %")
    axes.set_xlim(0, FAILED_NME_PERCENT)
    axes.set_ylim(0, 101)
    axes.set_xlabel("NME, %")
    axes.set_ylabel("faces with at most this NME, %")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    encoded = BytesIO()
    figure.savefig(encoded, format="png")
    write_whole(path, encoded.getvalue())


def ced(nme_percent: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Steps of the curve: NME from 0 to 8 % (K,), and the share of faces in percent (K,) there."""
    reached = np.sort(nme_percent[nme_percent <= FAILED_NME_PERCENT])
    share = np.arange(len(reached) + 1) / len(nme_percent) * 100
    ends = np.concatenate([[0.0], reached, [FAILED_NME_PERCENT]])
    return ends, np.append(share, share[-1])
