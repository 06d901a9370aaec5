"""A face calmed over time, blinks and words left as fast as they are.

Lids close and open again within a tenth of a second: a filter that takes their start for noise has
eaten half of a blink before it opens. Of one lid's place that cannot be told apart, but of the
distance between two it can: what the network gets wrong moves both. So the filter of everything
around an eye or the mouth opens as soon as its opening leaves the smoothed one.
`python -m benchmarks.studies.smoothing` measures what is left of a blink, and the jitter.
"""

from __future__ import annotations

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
# Landmarks above and below the openings, 7 each: two pairs of each eye, left first, three of the
# mouth.
PAIRS = np.array([*LEFT_EYE[1], *RIGHT_EYE[1], *INNER_MOUTH[1]]).T.reshape(-1)


class FaceSmoother:
    """Smooths what the network says of one face, frame after frame; one instance per face.

    All of it goes through one filter: a coefficient is a point that moves along x.
    """

    def __init__(self, settings: OneEuroSettings) -> None:
        self._filter = OneEuroFilter(settings)
        # Axis by axis: numpy is quicker along long rows.
        self._columns = np.zeros((3, len(layout520()) + len(BLENDSHAPE_NAMES)), np.float32)
        self._sizes = np.full(self._columns.shape[1], 1 / COEFFICIENT_SIZE, np.float32)
        # Columns that move with the left eye, the right eye and the mouth.
        self._parts = (
            _part(("left_eye", "left_eye_surround"), ("eye",), "Left"),
            _part(("right_eye", "right_eye_surround"), ("eye",), "Right"),
            _part(("outer_lips", "inner_lips", "mouth_and_chin"), ("mouth", "jaw")),
        )
        self._calm_heights: tuple[float, ...] = ()

    def smooth(self, predicted: Prediction, time_ms: float) -> Prediction:
        """The same, calmed, at a time later than the last one; visibility stays as it is."""
        points, face_px = predicted.points, face_size_px(predicted.points)
        count, expression = len(points), predicted.expression
        self._columns[:, :count], self._sizes[:count] = points.T, face_px
        if expression is not None:
            self._columns[0, count:] = expression
        least_hz = self._least_cutoffs_hz(face_px)
        calm = self._filter.filter(self._columns, self._sizes, time_ms, least_hz)
        self._calm_heights = _heights(calm)
        if expression is not None:
            expression = calm[0, count:].copy()
        points = np.ascontiguousarray(calm[:, :count].T)
        return Prediction(points, predicted.presence, expression, predicted.visibility)

    def _least_cutoffs_hz(self, face_px: float) -> FloatArray | None:
        """Of all columns (572,); None while nothing opens or closes."""
        heights = zip(_heights(self._columns), self._calm_heights)
        changes = [abs(height - calm) / face_px for height, calm in heights]
        if max(changes, default=0.0) <= STILL_HEIGHT:
            return None
        least_hz = np.zeros(len(self._sizes), np.float32)
        for part, change in zip(self._parts, changes, strict=True):
            cutoff_hz = HZ_PER_HEIGHT * max(change - STILL_HEIGHT, 0.0)
            least_hz[part] = np.maximum(least_hz[part], cutoff_hz)
        return least_hz


def _heights(columns: FloatArray) -> tuple[float, ...]:
    """Of the left eye, the right eye and the mouth: the mean distance of PAIRS in px."""
    ends = list(zip(*columns.take(PAIRS, axis=1).tolist()))
    px = [dist(above, below) for above, below in zip(ends[:7], ends[7:])]
    return (px[0] + px[1]) / 2, (px[2] + px[3]) / 2, (px[4] + px[5] + px[6]) / 3


def _part(regions: tuple[str, ...], begin: tuple[str, ...], end: str = "") -> Int64Array:
    """Columns of landmarks, then of coefficients, behind them; begin, end: of their names."""
    layout = layout520()
    landmarks = [place for region in regions for place in layout.regions[region]]
    coefficients = [
        len(layout) + place
        for place, name in enumerate(BLENDSHAPE_NAMES)
        if name.startswith(begin) and name.endswith(end)
    ]
    return np.array(landmarks + coefficients, np.int64)
