"""The One-Euro filter over a face: calm when it is still, quick when it moves.

Casiez, Roussel and Vogel, "1 Euro Filter", CHI 2012: an exponential low-pass filter whose cutoff
frequency rises with the speed of what it filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import pi
from typing import TypeVar

import numpy as np

from edge_runtime.arrays import FloatArray

Cutoff = TypeVar("Cutoff", float, FloatArray)
SPEED_CUTOFF_HZ = 1.0  # the paper's
# Face sizes a second that a still face's landmarks seem to move: the network's answer to a camera's
# noise. Only what is faster opens the filter; without this, jitter was 1.5 times as large.
SPEED_OF_NOISE = 0.15


class Smoothing(str, Enum):
    """How much a track is smoothed; `python -m benchmarks.studies.smoothing` prints the price."""

    OFF = "off"
    SOFT = "soft"
    STRONG = "strong"


@dataclass(frozen=True)
class OneEuroSettings:
    """min_cutoff_hz: of a still face. beta: Hz added per face size that a landmark moves in 1 s."""

    min_cutoff_hz: float
    beta: float


SETTINGS = {
    Smoothing.SOFT: OneEuroSettings(min_cutoff_hz=1.0, beta=25.0),
    Smoothing.STRONG: OneEuroSettings(min_cutoff_hz=0.4, beta=12.0),
}


class OneEuroFilter:
    """Filters points (3, N) in px, axis by axis, with time stamps; one instance per face.

    The speed is that of each landmark, in face sizes per second, so that the settings hold for
    near and far faces alike.
    """

    def __init__(self, settings: OneEuroSettings) -> None:
        self.settings = settings
        self._time_ms = 0.0
        self._points: FloatArray | None = None
        self._velocity: FloatArray | None = None

    def filter(
        self,
        points: FloatArray,
        face_px: float | FloatArray,
        time_ms: float,
        least_cutoff_hz: FloatArray | None = None,
    ) -> FloatArray:
        """The smoothed points (3, N) float32 at a time later than the last one.

        They belong to the filter and change with the next ones. face_px: size of the face, at least
        1, or (N,) one for each point. least_cutoff_hz (N,): of landmarks that are known to move,
        whatever their speed says.
        """
        if self._points is None or self._velocity is None:
            self._points, self._velocity = points.copy(), np.zeros_like(points)
            self._time_ms = time_ms
            return self._points
        seconds = (time_ms - self._time_ms) / 1e3
        step, speed_turn = points - self._points, _turn(SPEED_CUTOFF_HZ, seconds)
        share = speed_turn / (speed_turn + 1)
        self._velocity *= 1 - share
        self._velocity += share / seconds / face_px * step
        speed = np.sqrt(np.add.reduce(self._velocity * self._velocity, axis=0))
        # A new value weighs turn / (turn + 1), the last one 1 / (turn + 1). In place: every frame
        # pays for every array.
        least, beta = self.settings.min_cutoff_hz, self.settings.beta
        speed *= _turn(beta, seconds)
        speed += _turn(least - beta * SPEED_OF_NOISE, seconds) + 1
        turn_plus_1 = np.maximum(speed, _turn(least, seconds) + 1, out=speed)
        if least_cutoff_hz is not None:
            turn_plus_1 = np.maximum(turn_plus_1, _turn(least_cutoff_hz, seconds) + 1)
        step /= turn_plus_1
        np.subtract(points, step, out=self._points)
        self._time_ms = time_ms
        return self._points


def _turn(cutoff_hz: Cutoff, seconds: float) -> Cutoff:
    """How far the cutoff frequency turns in that time, in radians."""
    return 2 * pi * seconds * cutoff_hz
