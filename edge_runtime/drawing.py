"""Landmarks drawn on the photo: as points, as the contours of face parts, or as a mesh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

import cv2
import numpy as np

from edge_runtime.arrays import BoolArray, FloatArray, Int64Array, Uint8Image
from edge_runtime.crop import LONGEST_SIDE_PX
from edge_runtime.face_landmarks import Blinking, FaceLandmarks
from edge_runtime.layout import IBUG68_COUNT, layout520

Color = tuple[int, int, int]

IBUG68_COLOR: Color = (255, 200, 40)
SKIN_COLOR: Color = (70, 225, 255)
RIM_COLOR: Color = (10, 20, 30)  # dark rims keep light points visible on light skin
HIDDEN_OPACITY = 0.5
HOLE = 0.55  # of a hidden landmark's disc
MESH_OPACITY = 0.55
SUBPIXEL_BITS = 4


class Style(str, Enum):
    """What is drawn; `none` leaves the photo as it is."""

    POINTS = "points"
    CONTOURS = "contours"
    MESH = "mesh"
    NONE = "none"


def draw_landmarks(
    image: Uint8Image, faces: Sequence[FaceLandmarks], style: Style = Style.POINTS, zoom: int = 1
) -> Uint8Image:
    """A copy of an RGB image (H, W, 3) with faces drawn on it, (zoom*H, zoom*W, 3).

    Sizes follow the face. Landmarks that the camera does not see (visibility up to one half) are
    faint rings, lines between them faint. A zoom of 2 to 4 keeps 520 points apart on a small face.
    """
    height, width = image.shape[:2]
    canvas = image.copy()
    if zoom > 1:
        size = (width * zoom, height * zoom)
        canvas = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
    for face in faces:
        points = (np.nan_to_num(face.points[:, :2]) + 0.5) * zoom - 0.5
        face_px = zoom * max(face.box.width, face.box.height)
        if style is Style.POINTS:
            _draw_points(canvas, points, face.visibility > 0.5, face_px)
        elif style is Style.CONTOURS:
            _draw_contours(canvas, points, face.visibility > 0.5, face_px)
        elif style is Style.MESH:
            _draw_mesh(canvas, points, face.visibility > 0.5, face_px)
        if face.blinking is not None:
            _write_blinking(canvas, points, face.blinking, face_px)
    return canvas


def _draw_points(canvas: Uint8Image, points: FloatArray, seen: BoolArray, face_px: float) -> None:
    # Points lie about 1/25 of the face apart: these radii leave skin between them.
    radius, rim = max(0.006 * face_px, 0.8), max(0.003 * face_px, 0.4)
    is_ibug = np.arange(len(points)) < IBUG68_COUNT
    for which, color in ((~is_ibug, SKIN_COLOR), (is_ibug, IBUG68_COLOR)):
        rings = _discs(canvas, points[which & ~seen], radius, hole=HOLE * radius)
        _paint(canvas, rings, color, HIDDEN_OPACITY)
        drawn = points[which & seen]
        _paint(canvas, _discs(canvas, drawn, radius + rim), RIM_COLOR, 0.7)
        _paint(canvas, _discs(canvas, drawn, radius), color, 1.0)


def _draw_contours(canvas: Uint8Image, points: FloatArray, seen: BoolArray, face_px: float) -> None:
    segments = np.array(
        [
            pair
            for line in layout520().contours
            for pair in zip(
                line.indices, line.indices[1:] + line.indices[:1] * line.closed, strict=False
            )
        ]
    )
    _draw_segments(canvas, points, seen, segments, 0.007 * face_px, IBUG68_COLOR, 1.0)


def _draw_mesh(canvas: Uint8Image, points: FloatArray, seen: BoolArray, face_px: float) -> None:
    _draw_segments(canvas, points, seen, mesh_edges(), 0.003 * face_px, SKIN_COLOR, MESH_OPACITY)


def _write_blinking(
    canvas: Uint8Image, points: FloatArray, blinking: Blinking, face_px: float
) -> None:
    """Two lines of text below the face, which leave the picture where it does."""
    closed = f", closed {blinking.closed_ms / 1e3:.1f} s" if blinking.closed_ms else ""
    size = max(face_px / 300, 0.4)
    lines = (
        f"{blinking.blinks} blinks, {blinking.yawns} yawns{closed}",
        f"PERCLOS {100 * blinking.perclos:.0f} %",
    )
    limit = 2 * LONGEST_SIDE_PX
    left, _ = np.clip(points.min(axis=0), -limit, limit).astype(int).tolist()
    _, bottom = np.clip(points.max(axis=0), -limit, limit).astype(int).tolist()
    for number, text in enumerate(lines, start=1):
        place = (left, bottom + round(32 * size * number))
        for color, width in ((RIM_COLOR, 3), (SKIN_COLOR, 1)):
            thickness = max(1, round(width * size * 1.3))
            cv2.putText(
                canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, color, thickness, cv2.LINE_AA
            )


def _draw_segments(
    canvas: Uint8Image,
    points: FloatArray,
    seen: BoolArray,
    segments: Int64Array,
    width_px: float,
    color: Color,
    opacity: float,
) -> None:
    thickness = max(1, round(width_px))
    # Many thin lines close together need no rim: it would only darken the face.
    rim = max(1, round(width_px / 2)) if width_px >= 1 else 0
    both_seen = seen[segments].all(axis=1)
    for which, share in ((~both_seen, HIDDEN_OPACITY), (both_seen, 1.0)):
        ends = points[segments[which]]
        if rim:
            lines = _lines(canvas, ends, thickness + 2 * rim)
            _paint(canvas, lines, RIM_COLOR, 0.5 * opacity * share)
        _paint(canvas, _lines(canvas, ends, thickness), color, opacity * share)


@cache
def mesh_edges() -> Int64Array:
    """Each edge (E, 2) of the layout's triangles once."""
    triangles = layout520().triangles
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.asarray(np.unique(np.sort(pairs, axis=1), axis=0), np.int64)


def _discs(canvas: Uint8Image, points: FloatArray, radius: float, hole: float = 0.0) -> _Mask:
    """Anti-aliased discs, or rings around a hole of that radius.

    cv2.circle turns those of one or two pixels into diamonds.
    """
    reach = int(radius + 1)
    offsets = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1).T[:, ::-1]
    limit = 4 * LONGEST_SIDE_PX
    points = np.clip(points, -limit, limit)
    cells = np.round(points).astype(np.int64)[:, None] + offsets
    distance = np.linalg.norm(cells - points[:, None], axis=-1)
    cover = np.clip(radius + 0.5 - distance, 0, 1)
    if hole:
        cover -= np.clip(hole + 0.5 - distance, 0, 1)
    mask = _Mask.around(canvas, points, reach + 1)
    height, width = mask.cover.shape
    column, row = cells[..., 0] - mask.left, cells[..., 1] - mask.top
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height) & (cover > 0)
    levels = np.round(cover[inside] * 255).astype(np.uint8)
    np.maximum.at(mask.cover, (row[inside], column[inside]), levels)
    return mask


def _lines(canvas: Uint8Image, ends: FloatArray, thickness: int) -> _Mask:
    """Anti-aliased lines between the two points of each of ends (L, 2, 2)."""
    mask = _Mask.around(canvas, ends.reshape(-1, 2), thickness + 1)
    if mask.cover.size == 0:
        return mask
    limit = (1 << 15) - 1  # keeps cv2's fixed-point numbers from overflowing
    shifted = np.clip(ends - (mask.left, mask.top), -limit, limit)
    fixed = np.round(shifted * (1 << SUBPIXEL_BITS)).astype(np.int32)
    cv2.polylines(mask.cover, list(fixed), False, (255,), thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    return mask


def _paint(canvas: Uint8Image, mask: _Mask, color: Color, opacity: float) -> None:
    height, width = mask.cover.shape
    part = canvas[mask.top : mask.top + height, mask.left : mask.left + width]
    share = mask.cover[:, :, None].astype(np.float32) * (opacity / 255)
    part[:] = np.round(part + (np.array(color, np.float32) - part) * share)


@dataclass(frozen=True, eq=False)
class _Mask:
    """How much of each pixel is painted, 0 to 255, in the part of the picture that it touches."""

    left: int
    top: int
    cover: Uint8Image

    @classmethod
    def around(cls, canvas: Uint8Image, points: FloatArray, margin: int) -> _Mask:
        """An empty mask for everything within margin px of the points (N, 2)."""
        if len(points) == 0:
            return cls(0, 0, np.zeros((0, 0), np.uint8))
        limits = (canvas.shape[1], canvas.shape[0])
        first = np.clip(np.floor(points.min(axis=0)) - margin, 0, limits).astype(int)
        last = np.clip(np.ceil(points.max(axis=0)) + margin + 1, first, limits).astype(int)
        return cls(int(first[0]), int(first[1]), np.zeros((last - first)[::-1], np.uint8))
