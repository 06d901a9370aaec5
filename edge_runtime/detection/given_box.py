"""A face whose place the user knows."""

from __future__ import annotations

import re

import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import BOX_BELOW_DETECTION, BOX_OVER_DETECTION, Box
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.errors import Face520Error


class GivenBox:
    """A `FaceDetector` that always answers the same boxes, tight around brows, jaw and chin.

    Raises Face520Error for a box without area.
    """

    def __init__(self, *boxes: Box) -> None:
        for box in boxes:
            if not (0 < box.width < np.inf and 0 < box.height < np.inf):
                raise Face520Error(f"{box} has no area. Give left, top, right, bottom in px.")
        self._detections = [_detection(box) for box in boxes]

    @classmethod
    def parse(cls, text: str) -> GivenBox:
        """From `left,top,right,bottom` in px; raises Face520Error."""
        if not re.fullmatch(r"-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}", text):
            raise Face520Error(f"{text!r} is no box. Give LEFT,TOP,RIGHT,BOTTOM in px.")
        left, top, right, bottom = map(float, text.split(","))
        return cls(Box(left, top, right, bottom))

    def detect(self, image: Uint8Image) -> list[FaceDetection]:
        """The boxes, whatever the image (H, W, 3) shows."""
        return list(self._detections)


def _detection(box: Box) -> FaceDetection:
    """The square whose crop, by the rule for detections, is the one for this box."""
    center_x, center_y = box.center
    side = max(box.width, box.height) / BOX_OVER_DETECTION
    center_y -= BOX_BELOW_DETECTION * side
    half = side / 2
    square = Box(center_x - half, center_y - half, center_x + half, center_y + half)
    return FaceDetection(square, 1.0, np.zeros((6, 2), np.float32))
