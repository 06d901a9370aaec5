"""Contact sheets: many labelled faces on one picture, so that a person sees wrong labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import Box
from edge_runtime.drawing import Style, draw_landmarks
from edge_runtime.face_landmarks import FaceLandmarks, skin_visibility
from edge_runtime.layout import IBUG68_COUNT, Layout, layout520
from edge_runtime.pose import pose_of_rotation, rotation_between

TILE_PX = 320
CAPTION_PX = 16


@dataclass(frozen=True, eq=False)
class Tile:
    """One photo with landmarks (520, 3) in its px, and a caption."""

    image: Uint8Image
    landmarks: FloatArray
    caption: str


def draw_contact_sheet(
    tiles: Sequence[Tile], columns: int, style: Style, layout: Layout | None = None
) -> Uint8Image:
    """Tiles row by row, each enlarged to 320 px: (rows * 336, columns * 320, 3) RGB.

    layout: whose landmarks they are; without one, the released models' layout.
    """
    drawn = [_draw(tile, style, layout or layout520()) for tile in tiles]
    return in_rows(drawn, columns)


def in_rows(drawn: Sequence[Uint8Image], columns: int) -> Uint8Image:
    """Pictures (H, W, 3) of one size, row by row; black where the last row ends early."""
    black = [np.zeros_like(drawn[0])] * (-len(drawn) % columns)
    filled = [*drawn, *black]
    rows = [np.hstack(filled[start : start + columns]) for start in range(0, len(filled), columns)]
    return np.vstack(rows)


def captioned(picture: Uint8Image, caption: str) -> Uint8Image:
    """A picture (H, W, 3), at most 320 px wide and high, in a tile (336, 320, 3) over a caption."""
    canvas = np.zeros((TILE_PX + CAPTION_PX, TILE_PX, 3), np.uint8)
    canvas[: picture.shape[0], : picture.shape[1]] = picture
    place, white = (4, TILE_PX + CAPTION_PX - 4), (255, 255, 255)
    cv2.putText(canvas, caption, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, white, 1, cv2.LINE_AA)
    return canvas


def face_from_labels(landmarks: FloatArray, layout: Layout) -> FaceLandmarks:
    """Labels (520, 3) in px as the result type, pose and visibility computed from them."""
    return FaceLandmarks(
        points=landmarks,
        presence=1.0,
        box=Box.around(landmarks[:IBUG68_COUNT]),
        pose=pose_of_rotation(rotation_between(layout.mean_shape, landmarks)),
        visibility=skin_visibility(landmarks, layout),
    )


def _draw(tile: Tile, style: Style, layout: Layout) -> Uint8Image:
    height, width = tile.image.shape[:2]
    scale = TILE_PX / max(height, width)
    size = (round(width * scale), round(height * scale))
    enlarged = cv2.resize(tile.image, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    points = tile.landmarks * np.float32(scale)
    points[:, :2] += (scale - 1) / 2
    return captioned(
        draw_landmarks(enlarged, [face_from_labels(points, layout)], style), tile.caption
    )
