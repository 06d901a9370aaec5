"""The faces that a model gets most wrong, its landmarks beside the labels, to look at."""

from __future__ import annotations

import cv2
import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from training.dataset.contact_sheet import TILE_PX, captioned, in_rows
from training.evaluation.evaluate import Evaluation
from training.ibug68 import CONTOURS

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
