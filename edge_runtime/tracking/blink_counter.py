"""Counts blinks and yawns of one face, and how long its eyes were closed.

Eyes are measured against the person's own open ones: how wide they open differs more between people
than a tired person's lids sink. PERCLOS is the share of time in which the eyes are at least 70 %
closed (Wierwille et al., "Research on vehicle-based driver status/performance monitoring", 1994).
"""

from __future__ import annotations

from collections import deque

import numpy as np

from edge_runtime.arrays import Float64Array
from edge_runtime.face_landmarks import Blinking, FaceLandmarks
from edge_runtime.layout import layout520

WINDOW_MS = 60_000.0  # of PERCLOS, and of what the person's open eyes are learned from
# The person's open eyes are this percentile of their openings: blinks and reading lie below it.
OPEN_PERCENTILE = 75
# Until that many ms have been seen an ordinary eye stands in, the median of people's in the labels
# (`benchmarks.studies.labels.openings`); nobody's open eyes count as less than half of one.
LEARNING_MS, ORDINARY_EYE = 3000.0, 0.63
LEAST_EYE = ORDINARY_EYE / 2
# Shares of the open eye: below the first the eyes are closed, above the second open again, and
# below the third they count for PERCLOS.
CLOSED, REOPENED, PERCLOS_CLOSED = 0.4, 0.6, 0.3
LONGEST_BLINK_MS = 500.0  # eyes closed for longer are resting
# Openings of the mouth: nine of ten yawns of the labels reach the first, speech rarely stays there.
YAWNING, YAWN_OVER = 0.4, 0.25
SHORTEST_YAWN_MS = 1500.0
LONGEST_STEP_MS = 500.0  # a face that was away longer has not kept its eyes closed all that time


class BlinkCounter:
    """One instance per face of a video; `FaceLandmarker.track` has one for each where asked to."""

    def __init__(self) -> None:
        self._time_ms: float | None = None
        # Of the frames of the last minute: when, how long each stood for, how open the eyes were.
        self._times_ms: deque[float] = deque()
        self._lengths_ms: deque[float] = deque()
        self._openings: deque[float] = deque()
        self._closed_since_ms: float | None = None
        self._mouth_since_ms: float | None = None
        self._has_yawned = False
        self._blinks = self._yawns = 0

    def update(self, face: FaceLandmarks, time_ms: float) -> Blinking:
        """What is known after the next frame's face, at a time later than the last one."""
        step_ms = 0.0 if self._time_ms is None else time_ms - self._time_ms
        if step_ms > LONGEST_STEP_MS:
            self._closed_since_ms = self._mouth_since_ms = None
        self._time_ms = time_ms
        opening = eye_opening(face)
        self._remember(time_ms, min(step_ms, LONGEST_STEP_MS), opening)
        lengths_ms, openings = _array(self._lengths_ms), _array(self._openings)
        open_eye = self._open_eye(openings)
        self._take_eyes(opening / open_eye, time_ms)
        self._take_mouth(face.openings.mouth, time_ms)
        closed_ms = lengths_ms[openings < PERCLOS_CLOSED * open_eye].sum()
        since_ms = self._closed_since_ms
        return Blinking(
            blinks=self._blinks,
            yawns=self._yawns,
            closed_ms=0.0 if since_ms is None else time_ms - since_ms,
            perclos=float(closed_ms / max(lengths_ms.sum(), 1.0)),
        )

    def _remember(self, time_ms: float, length_ms: float, opening: float) -> None:
        kept = (self._times_ms, self._lengths_ms, self._openings)
        for values, value in zip(kept, (time_ms, length_ms, opening)):
            values.append(value)
        while self._times_ms[0] < time_ms - WINDOW_MS:
            for values in kept:
                values.popleft()

    def _open_eye(self, openings: Float64Array) -> float:
        """How far this person's open eyes are open."""
        if self._times_ms[-1] - self._times_ms[0] < LEARNING_MS:
            return ORDINARY_EYE
        return max(float(np.percentile(openings, OPEN_PERCENTILE)), LEAST_EYE)

    def _take_eyes(self, share: float, time_ms: float) -> None:
        """share: of the open eye."""
        if self._closed_since_ms is None:
            if share < CLOSED:
                self._closed_since_ms = time_ms
        elif share > REOPENED:
            self._blinks += time_ms - self._closed_since_ms <= LONGEST_BLINK_MS
            self._closed_since_ms = None

    def _take_mouth(self, opening: float, time_ms: float) -> None:
        if self._mouth_since_ms is None:
            if opening > YAWNING:
                self._mouth_since_ms, self._has_yawned = time_ms, False
        elif opening < YAWN_OVER:
            self._mouth_since_ms = None
        elif not self._has_yawned and time_ms - self._mouth_since_ms >= SHORTEST_YAWN_MS:
            self._yawns, self._has_yawned = self._yawns + 1, True


def eye_opening(face: FaceLandmarks) -> float:
    """Opening of the eyes, each counted as far as the camera sees it."""
    regions, openings = layout520().regions, face.openings
    eyes = (regions["left_eye"], regions["right_eye"])
    seen = [float(face.visibility[list(eye)].mean()) for eye in eyes]
    weights = seen if sum(seen) > 0.1 else [1.0, 1.0]
    return float(np.average([openings.left_eye, openings.right_eye], weights=weights))


def _array(values: deque[float]) -> Float64Array:
    return np.fromiter(values, np.float64, len(values))
