"""Pictures of an evaluation: the worst faces, the curves, openness beside people's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from training.dataset.contact_sheet import TILE_PX, captioned, in_rows
from training.evaluation.evaluate import Evaluation
from training.evaluation.openness import Agreement, ClosedEyeScores, OpennessScores
from training.evaluation.presence import PresenceScores
from training.figure_file import write_figure
from training.ibug68 import CONTOURS
from training.nme import FAILED_NME_PERCENT, auc_percent

LABEL_COLOR, PREDICTION_COLOR = (60, 220, 60), (255, 70, 50)
LEGEND = "labels green, model red"
COLUMNS = 8
# Side of a tile over that of the network's crop: faces that were placed too large fit in.
WIDER = 1.25
SUBPIXEL_BITS = 4


def draw_worst_faces(evaluation: Evaluation, count: int) -> Uint8Image:
    """A sheet of the faces with the largest NME, the worst first: (rows * 336, columns * 320, 3).

    The caption tells the photo, its labelled yaw and the NME.
    """
    nme = evaluation.scores.nme_percent
    tiles = []
    for index in np.argsort(-nme, kind="stable")[:count]:
        face = evaluation.faces[index]
        caption = f"{face.path.stem}  yaw {face.yaw_deg:+.0f}  NME {nme[index]:.1f} %"
        region = CropRegion.around_landmarks(face.landmarks68).scaled(WIDER)
        tile = region.extract(face.image(), TILE_PX)
        for points, color in (
            (face.landmarks68, LABEL_COLOR),
            (evaluation.predicted68[index], PREDICTION_COLOR),
        ):
            _draw_contours(tile, region.to_crop(points, TILE_PX)[:, :2], color)
        tiles.append(captioned(tile, caption))
    cv2.putText(tiles[0], LEGEND, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1)
    return in_rows(tiles, min(COLUMNS, len(tiles)))


def _draw_contours(tile: Uint8Image, points: FloatArray, color: tuple[int, int, int]) -> None:
    """The lines through the 68 landmarks (68, 2), and a dot on each."""
    fixed = np.round(points * (1 << SUBPIXEL_BITS)).astype(np.int32)
    for line in CONTOURS:
        lines = [fixed[list(line.indices)]]
        cv2.polylines(tile, lines, line.closed, color, 1, cv2.LINE_AA, SUBPIXEL_BITS)
    for x, y in fixed.tolist():
        cv2.circle(tile, (x, y), 2 << SUBPIXEL_BITS, color, -1, cv2.LINE_AA, SUBPIXEL_BITS)


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
    write_figure(figure, path)


def ced(nme_percent: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Steps of the curve: NME from 0 to 8 % (K,), and the share of faces in percent (K,) there."""
    reached = np.sort(nme_percent[nme_percent <= FAILED_NME_PERCENT])
    share = np.arange(len(reached) + 1) / len(nme_percent) * 100
    ends = np.concatenate([[0.0], reached, [FAILED_NME_PERCENT]])
    return ends, np.append(share, share[-1])


def draw_roc(scores: PresenceScores, path: Path) -> None:
    """Write the ROC curve as a PNG, errors on logarithmic axes. Raises OutputWriteError."""
    accepted_empty, accepted_faces = scores.roc_curve()
    limit = scores.limit()
    # No error at all has no place on such an axis: half of one error stands for it.
    least = 0.5 / max(len(scores.faces), len(scores.empty))
    figure = Figure(figsize=(6.5, 5.5), dpi=110, layout="constrained")
    axes = figure.subplots()
    refused_faces = np.maximum(1 - accepted_faces, least)
    axes.step(np.maximum(accepted_empty, least), refused_faces, where="post")
    axes.plot(
        max(scores.accepted_empty(limit), least),
        max(scores.refused_faces(limit), least),
        "o",
        label=f"limit {limit:.3f}",
    )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(f"share of {len(scores.empty)} crops without a face accepted")
    axes.set_ylabel(f"share of {len(scores.faces)} faces refused")
    axes.set_title(f"presence, ROC-AUC {scores.roc_auc:.5f}", fontsize=11)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right")
    write_figure(figure, path)


def draw_openness(
    scores: Mapping[str, OpennessScores], closed_eyes: ClosedEyeScores | None, path: Path
) -> None:
    """Write a PNG of the model's openings over people's, a colour for each name; where there are
    closed eyes and open ones, how the model's lie. Raises OutputWriteError.
    """
    has_both = closed_eyes is not None and closed_eyes.to_json() is not None
    figure = Figure(figsize=(13 if has_both else 9, 4.6), dpi=110, layout="constrained")
    axes = figure.subplots(1, 3 if has_both else 2)
    for name, one in scores.items():
        for plot, agreement, predicted, truth in (
            (axes[0], one.eyes, one.predicted.eyes, one.truth.eyes),
            (axes[1], one.mouth, one.predicted.mouth, one.truth.mouth),
        ):
            plot.plot(truth, predicted, ".", alpha=0.5, label=_caption(name, agreement))
    for plot, title in ((axes[0], "eye aspect ratio"), (axes[1], "mouth opening")):
        end = max(plot.get_xlim()[1], plot.get_ylim()[1])
        plot.plot((0, end), (0, end), color="grey", linewidth=1)
        plot.set(xlim=(0, end), ylim=(0, end), title=title, xlabel="people", ylabel="model")
        plot.grid(alpha=0.3)
        plot.legend(loc="upper left", fontsize=8)
    if has_both and closed_eyes is not None:
        _draw_closed_eyes(closed_eyes, axes[2])
    write_figure(figure, path)


def _caption(name: str, one: Agreement) -> str:
    if one.correlation is None or one.slope is None:
        return f"{name}: {one.faces} faces"
    return f"{name}: correlation {one.correlation:.2f}, slope {one.slope:.2f}"


def _draw_closed_eyes(scores: ClosedEyeScores, plot: Axes) -> None:
    """Shares of closed and of open eyes over the model's eye aspect ratio."""
    end = max(float(scores.open.max()), float(scores.closed.max()))
    edges = np.linspace(0, end, 31).tolist()
    for name, ratios in (("closed", scores.closed), ("open", scores.open)):
        weights = np.full(len(ratios), 100 / len(ratios))
        plot.hist(ratios, edges, weights=weights, alpha=0.6, label=f"{name}, {len(ratios)} faces")
    plot.set(title=f"ROC-AUC {scores.auc:.3f}", xlabel="model's eye aspect ratio", ylabel="%")
    plot.grid(alpha=0.3)
    plot.legend(loc="upper right", fontsize=8)
