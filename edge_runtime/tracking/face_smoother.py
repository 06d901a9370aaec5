"""A face calmed over time, blinks and words left as fast as they are.

Lids close and open again within a tenth of a second: a filter that takes their start for noise has
eaten half of a blink before it opens. Of one lid's place that cannot be told apart, but of the
distance between two it can: what the network gets wrong moves both. So the filter of everything
around an eye or the mouth opens as soon as its opening leaves the smoothed one.
`python -m benchmarks.studies.smoothing` measures what is left of a blink, and the jitter.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import dist

import numpy as np

from edge_runtime.arrays import FloatArray, Int64Array
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.face_landmarks import INNER_MOUTH, LEFT_EYE, RIGHT_EYE
from edge_runtime.layout import layout520
from edge_runtime.network.landmark_model import Prediction
from edge_runtime.tracking.one_euro import OneEuroFilter, OneEuroSettings
from edge_runtime.tracking.plausibility import face_size_px

# Face sizes that an opening's mean height may differ from the smoothed one's before the filter
# opens, and Hz per face size beyond. An open eye is 0.05 high; a camera's noise makes heights of a
# still face stray by 0.002 (standard deviation; 0.0045 at most in 90 frames).
STILL_HEIGHT = 0.006
HZ_PER_HEIGHT = 1e4
# Face sizes that count as much as a coefficient of 1: what a lid moves from open to closed.
COEFFICIENT_SIZE = 0.05


# Landmarks (2, 7) above and below the openings: two pairs of each eye, left first, three of the
# mouth.
PAIRS = np.array([*LEFT_EYE[1], *RIGHT_EYE[1], *INNER_MOUTH[1]]).T


@dataclass(frozen=True, eq=False)
class _Part:
    """What moves with an eye or the mouth."""

    landmarks: Int64Array
    coefficients: Int64Array


class FaceSmoother:
    """Smooths what the network says of one face, frame after frame; one instance per face."""

    def __init__(self, settings: OneEuroSettings) -> None:
        self._points, self._expression = OneEuroFilter(settings), OneEuroFilter(settings)
        self._parts = (
            _part(("left_eye", "left_eye_surround"), ("eye",), "Left"),
            _part(("right_eye", "right_eye_surround"), ("eye",), "Right"),
            _part(("outer_lips", "inner_lips", "mouth_and_chin"), ("mouth", "jaw")),
        )
        self._calm_heights: tuple[float, ...] = ()

    def smooth(self, predicted: Prediction, time_ms: float) -> Prediction:
        """The same, calmed, at a time later than the last one; visibility stays as it is."""
        points, face_px = predicted.points, face_size_px(predicted.points)
        of_points, of_expression = self._least_cutoffs_hz(points, face_px)
        calm = self._points.filter(points, face_px, time_ms, of_points)
        self._calm_heights = _heights(calm)
        expression = predicted.expression
        if expression is not None:
            sizes = expression[:, None]
            expression = self._expression.filter(
                sizes, 1 / COEFFICIENT_SIZE, time_ms, of_expression
            )[:, 0]
        return Prediction(calm, predicted.presence, expression, predicted.visibility)

    def _least_cutoffs_hz(
        self, points: FloatArray, face_px: float
    ) -> tuple[FloatArray | float, FloatArray | float]:
        """Of points (520,) and expression (52,); 0 while nothing opens or closes."""
        heights = zip(_heights(points), self._calm_heights)
        changes = [abs(height - calm) / face_px for height, calm in heights]
        if max(changes, default=0.0) <= STILL_HEIGHT:
            return 0.0, 0.0
        of_points = np.zeros(len(points), np.float32)
        of_expression = np.zeros(len(BLENDSHAPE_NAMES), np.float32)
        for part, change in zip(self._parts, changes, strict=True):
            cutoff_hz = HZ_PER_HEIGHT * max(change - STILL_HEIGHT, 0.0)
            of_points[part.landmarks] = np.maximum(of_points[part.landmarks], cutoff_hz)
            of_expression[part.coefficients] = cutoff_hz
        return of_points, of_expression


def _heights(points: FloatArray) -> tuple[float, ...]:
    """Of the left eye, the right eye and the mouth: the mean distance of PAIRS in px."""
    above, below = points[PAIRS].tolist()
    px = [dist(one, other) for one, other in zip(above, below)]
    return (px[0] + px[1]) / 2, (px[2] + px[3]) / 2, (px[4] + px[5] + px[6]) / 3


def _part(
    regions: tuple[str, ...],
    begin: tuple[str, ...],
    end: str = "",
) -> _Part:
    """begin, end: of the names of its blendshapes."""
    layout = layout520()
    coefficients = [
        place
        for place, name in enumerate(BLENDSHAPE_NAMES)
        if name.startswith(begin) and name.endswith(end)
    ]
    landmarks = [place for region in regions for place in layout.regions[region]]
    return _Part(np.array(landmarks, np.int64), np.array(coefficients, np.int64))
