"""Faces that are small in the picture: BlazeFace, window by window.

`python -m benchmarks.studies.faces_by_width DIR` measures what is found, and what it costs.
MediaPipe's full-range network (192 px, 2.7 times BlazeFace's time) was tried in its place: it finds
faces from 20 px of its input on as surely as BlazeFace those from 16 px of its own, and half of
those of 12, so that it needs as much time for the same faces, and a second file. Two ways to fewer
or cheaper runs were tried and left: BlazeFace in int8 takes as long (its layers are narrow) and
takes five times as many things for faces, and scores in a window of twice the side do not foretell
a face in this one: seen 7 to 10 px wide, it scores no more than leaves do.
"""

from __future__ import annotations

from math import ceil

import cv2
import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.detection.blazeface import INPUT_SIZE_PX, BlazeFace
from edge_runtime.detection.detector import FaceDetection

SMALLEST_FACE_PX = 20.0
# Of the network's input: how wide a face must be to be found nine times in ten (16 px: always), and
# how far windows overlap, so that a face nearly twice as wide lies whole in one of them; still
# wider ones are found in windows of twice the side.
FACE_IN_INPUT_PX, OVERLAP_PX = 14.0, 34.0
# A second look, around what was found. Of faces it finds all, and hardly anything else.
SECOND_LOOK_WIDTHS, SECOND_LOOK_SCORE = 4.0, 0.8
# Levels that a window without anything in it spans, halved and without what changes slowly across
# it, such as a sky's blue. A head in the dusk, 24 levels between its darkest and brightest pixel,
# spans more.
FLAT_LEVELS, SLOW_PX = 14, 9


class FarSearch:
    """Finds faces from smallest_face_px of width up, wherever they are in an image."""

    def __init__(self, blazeface: BlazeFace, smallest_face_px: float = SMALLEST_FACE_PX) -> None:
        self.smallest_face_px = smallest_face_px
        self._blazeface = blazeface

    def windows(self, image_shape: tuple[int, ...]) -> list[CropRegion]:
        """The squares to look through, the widest first, all narrower than the image is long.

        150 in 1920x1080, 889 in 4000x3000, 26 in 640x480 for faces of 20 px.
        """
        height, width = image_shape[:2]
        levels: list[list[CropRegion]] = []
        side_px = self.smallest_face_px * INPUT_SIZE_PX / FACE_IN_INPUT_PX
        while side_px < max(height, width):
            rows, columns = (_centers(length, side_px) for length in (height, width))
            levels.append([CropRegion(x, y, side_px) for y in rows for x in columns])
            side_px *= 2
        return [window for level in levels[::-1] for window in level]

    def look_through(self, image: Uint8Image, window: CropRegion) -> list[FaceDetection]:
        """What may be faces in a square of an RGB image (H, W, 3), the best score first."""
        crop = window.extract(image, INPUT_SIZE_PX)
        if not _has_detail(crop):
            return []
        return self._blazeface.detect_in_window(crop, window)

    def look_again(self, image: Uint8Image, detection: FaceDetection) -> FaceDetection | None:
        """What is found there with the detection in the middle; None where it is no face."""
        around = CropRegion(*detection.box.center, SECOND_LOOK_WIDTHS * detection.box.width)
        found = self._blazeface.detect_in_window(around.extract(image, INPUT_SIZE_PX), around)
        sure = [one for one in found if one.score >= SECOND_LOOK_SCORE]
        return min(sure, key=lambda one: _distance(one, detection), default=None)


def _has_detail(crop: Uint8Image) -> bool:
    half = cv2.resize(crop, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    detail = cv2.subtract(half, cv2.blur(half, (SLOW_PX, SLOW_PX)), dtype=cv2.CV_16S)
    # Without the edge, which may lie half a pixel outside of the image.
    return bool(np.ptp(detail[1:-1, 1:-1]) >= FLAT_LEVELS)


def _distance(one: FaceDetection, other: FaceDetection) -> float:
    (x, y), (other_x, other_y) = one.box.center, other.box.center
    return abs(x - other_x) + abs(y - other_y)


def _centers(length: int, side_px: float) -> list[float]:
    """Middles of the windows along a side of the image."""
    if length <= side_px:
        return [(length - 1) / 2]
    stride_px = side_px * (1 - OVERLAP_PX / INPUT_SIZE_PX)
    count = ceil((length - side_px) / stride_px) + 1
    first = (side_px - 1) / 2
    step_px = (length - side_px) / (count - 1)
    return [first + place * step_px for place in range(count)]
