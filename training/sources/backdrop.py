"""What is seen around a turned head: the photo's surroundings, moved along with its outline."""

from __future__ import annotations

import cv2
import numpy as np

from edge_runtime.arrays import BoolArray, FloatArray, Uint8Image

DIRECTIONS = 1024
# The outline is measured in every fourth direction, where vertices lie densely enough.
FINER = 4
OUTLINE_BLUR, PAD = 2.0, 16  # measured directions
# Of the distance by which an outline draws in, the part that disappears beside it.
GONE_BEHIND = np.float32(0.4)
# Between the outline and the head (below the ears, under the nose) the photo is that much enlarged.
SHRUNK_INSIDE = np.float32(0.4)
# How far a photo is continued beyond its border by its mirror image. Further out its rim is drawn
# out: a longer mirror image would show a second face.
FOLD_PX = np.float32(12)


def backdrop_coordinates(
    before: FloatArray, after: FloatArray, px_per_px: float, side_px: int
) -> tuple[FloatArray, FloatArray]:
    """Where (x, y), each (side, side), a photo shows what surrounds a head in a turned photo.

    The head's vertices (V, 3) move from before, in px of the photo, to after, in px of the turned
    photo, one of which is px_per_px of the photo's. Along every ray from the middle of the head,
    what lay outside the old outline lies outside the new one: hair and shoulders stay with the
    head. (300W-LP, arXiv:1511.07212, turns a mesh of the surroundings instead.)
    """
    old_middle, new_middle = before[:, :2].mean(axis=0), after[:, :2].mean(axis=0)
    grid = np.arange(side_px, dtype=np.float32)
    right, down = np.meshgrid(grid - new_middle[0], grid - new_middle[1])
    distance, angle = cv2.cartToPolar(right, down)
    old_outline = _outline(before[:, :2] - old_middle)
    new_outline = _outline(after[:, :2] - new_middle) * px_per_px
    # Where the outline draws in, what was beside it (an ear, hair) has gone behind the head.
    past = old_outline + GONE_BEHIND * np.maximum(old_outline - new_outline, 0)
    direction = (angle * np.float32(DIRECTIONS / (2 * np.pi))).astype(np.intp) % DIRECTIONS
    beyond = distance * px_per_px - new_outline.take(direction)
    beyond *= np.where(beyond > 0, 1, SHRUNK_INSIDE)
    stretch = (past.take(direction) + beyond) / np.maximum(distance, 1)
    return right * stretch + old_middle[0], down * stretch + old_middle[1]


def sample_photo(photo: Uint8Image, x: FloatArray, y: FloatArray) -> Uint8Image:
    """The colours (h, w, 3) of a photo at x and y (h, w) px, continued beyond its border."""
    height, width = photo.shape[:2]
    columns, rows = _folded(x, width - 1), _folded(y, height - 1)
    return np.asarray(cv2.remap(photo, columns, rows, cv2.INTER_LINEAR), np.uint8)


def inside(photo: Uint8Image, x: FloatArray, y: FloatArray) -> BoolArray:
    """Whether x and y (h, w) px lie in a photo: (h, w)."""
    height, width = photo.shape[:2]
    return (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)


def _folded(coordinate: FloatArray, last: int) -> FloatArray:
    """Coordinates brought inside 0..last, mirrored at the border and then standing still."""
    folded = coordinate.ravel().copy()
    low, high = np.flatnonzero(folded < 0), np.flatnonzero(folded > last)
    folded[low] = _fold_depth(-folded[low])
    folded[high] = last - _fold_depth(folded[high] - last)
    return folded.reshape(coordinate.shape)


def _fold_depth(beyond: FloatArray) -> FloatArray:
    return np.asarray(FOLD_PX * (1 - np.exp(-beyond / FOLD_PX)))


def _outline(points: FloatArray) -> FloatArray:
    """Distance (DIRECTIONS,) of the outermost points (V, 2) from the origin in each direction."""
    distance, angle = cv2.cartToPolar(points[:, :1], points[:, 1:])
    coarse = DIRECTIONS // FINER
    nearest = np.rint(angle * (coarse / (2 * np.pi))).astype(np.intp) % coarse
    outline = np.zeros((1, coarse), np.float32)
    np.maximum.at(outline[0], nearest, distance)
    around = np.pad(outline, ((0, 0), (PAD, PAD)), mode="wrap")
    smooth = cv2.GaussianBlur(cv2.dilate(around, np.ones((1, 3))), (0, 0), OUTLINE_BLUR)
    fine = cv2.resize(smooth, None, fx=FINER, fy=1)[0]
    return np.asarray(fine[PAD * FINER : -PAD * FINER], np.float32)
