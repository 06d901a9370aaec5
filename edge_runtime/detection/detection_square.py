"""The square around a detected face: what the detector's six keypoints tell beside its box.

The box alone knows neither how the head is turned nor how it is tilted. In a frame along the face,
from the eyes down to the mouth, the square's place, side and roll are sums of what the detector
says, weighted by `detection_square.json`. `python -m benchmarks.studies.detection_square DATA`
fits the weights on training photos and prints how exact such squares are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from math import atan2, cos, degrees, exp, hypot, isfinite, log, radians, sin
from pathlib import Path

import numpy as np

from edge_runtime.arrays import Float64Array
from edge_runtime.crop import CropRegion
from edge_runtime.detection.detector import FaceDetection

WEIGHTS_PATH = Path(__file__).with_name("detection_square.json")
# Keypoints that lead further away from the square of the box than this are no face's.
FARTHEST_OF_SIDE = 0.4
LARGEST_IN_SIZE = 1.8


@dataclass(frozen=True, eq=False)
class FacePlace:
    """A detection in its face's own frame: along the eyes, down from them to the mouth, box = 1.

    even (E,) stays when the picture is mirrored, odd (O,) changes its sign.
    """

    origin: tuple[float, float]  # image px
    size_px: float
    roll_deg: float
    even: Float64Array
    odd: Float64Array

    @classmethod
    def of(cls, detection: FaceDetection) -> FacePlace | None:
        """None where a keypoint is missing, or eyes and mouth are one place."""
        box, keypoints = detection.box, detection.keypoints.astype(np.float64)
        size_px = max(box.width, box.height)
        down_x, down_y = (keypoints[3] - keypoints[:2].mean(axis=0)).tolist()
        if not (size_px > 0 and isfinite(size_px) and isfinite(float(keypoints.sum()))):
            return None
        has_all = bool(keypoints.any(axis=1).all())
        if not has_all or hypot(down_x, down_y) < 0.01 * size_px:
            return None
        turn = atan2(-down_x, down_y)
        origin = keypoints[:4].mean(axis=0)
        # The axes are rows: along the eyes, and down.
        axes = np.array([[cos(turn), sin(turn)], [-sin(turn), cos(turn)]]) / size_px
        right_eye, left_eye, nose, _, right_ear, left_ear, middle = (
            np.vstack([keypoints, box.center]) - origin
        ) @ axes.T
        odd = np.array(
            [
                nose[0],
                middle[0],
                right_ear[0] + left_ear[0],
                left_eye[1] - right_eye[1],
                left_ear[1] - right_ear[1],
            ]
        )
        even = np.array(
            [
                nose[1],
                middle[1],
                left_eye[0] - right_eye[0],
                left_ear[0] - right_ear[0],
                right_eye[1] + left_eye[1],
                right_ear[1] + left_ear[1],
            ]
        )
        return cls(
            (float(origin[0]), float(origin[1])),
            size_px,
            degrees(turn),
            # How far the head is turned, whichever way, is what the products tell.
            np.concatenate([[1.0], even, odd**2]),
            np.concatenate([odd, odd[0] * even]),
        )

    def square(self, weights: SquareWeights) -> CropRegion:
        """The square that these weights give."""
        along, down = float(self.odd @ weights.along), float(self.even @ weights.down)
        turn = radians(self.roll_deg)
        return CropRegion(
            self.origin[0] + (along * cos(turn) - down * sin(turn)) * self.size_px,
            self.origin[1] + (along * sin(turn) + down * cos(turn)) * self.size_px,
            self.size_px * exp(min(float(self.even @ weights.log_side), 2.0)),
            self.roll_deg + float(self.odd @ weights.roll_deg),
        )

    def answers(self, true: CropRegion) -> tuple[float, float, float, float]:
        """Along, down, log side and roll in degrees that the weights should give."""
        turn = radians(self.roll_deg)
        x = (true.center_x - self.origin[0]) / self.size_px
        y = (true.center_y - self.origin[1]) / self.size_px
        return (
            x * cos(turn) + y * sin(turn),
            y * cos(turn) - x * sin(turn),
            log(true.side_px / self.size_px),
            (true.roll_deg - self.roll_deg + 180) % 360 - 180,
        )


@dataclass(frozen=True, eq=False)
class SquareWeights:
    """Weights of `FacePlace`: of odd for along and roll_deg, of even for down and log_side."""

    along: Float64Array
    roll_deg: Float64Array
    down: Float64Array
    log_side: Float64Array

    @classmethod
    def read(cls, path: Path) -> SquareWeights:
        """From a file that the study wrote."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(*(np.array(stored[field.name], np.float64) for field in fields(cls)))

    @classmethod
    @cache
    def bundled(cls) -> SquareWeights:
        """Those that face520 comes with."""
        return cls.read(WEIGHTS_PATH)


def square_around(detection: FaceDetection) -> CropRegion:
    """The square for a detected face, turned with it; that of its box where it has no keypoints."""
    of_box = CropRegion.around_detection(detection.box)
    place = FacePlace.of(detection)
    if place is None:
        return of_box
    square = place.square(SquareWeights.bundled())
    far = hypot(square.center_x - of_box.center_x, square.center_y - of_box.center_y)
    size = max(square.side_px / of_box.side_px, of_box.side_px / square.side_px)
    if far > FARTHEST_OF_SIDE * of_box.side_px or size > LARGEST_IN_SIZE:
        return of_box
    return square
