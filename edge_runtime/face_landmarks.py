"""The result: 520 landmarks of one face, with what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from edge_runtime.arrays import FloatArray
from edge_runtime.crop import Box
from edge_runtime.layout import IBUG68_COUNT

# iBUG landmarks: the corners, then pairs above and below. Sides are the subject's.
RIGHT_EYE = ((36, 39), ((37, 41), (38, 40)))
LEFT_EYE = ((42, 45), ((43, 47), (44, 46)))
INNER_MOUTH = ((60, 64), ((61, 67), (62, 66), (63, 65)))

VisibilitySource = Literal["network", "skin"]


@dataclass(frozen=True)
class HeadPose:
    """Head rotation in degrees, zero for a face that looks straight into the camera.

    yaw > 0: the face turns to the image's right; pitch > 0: it looks up; roll > 0: it tilts
    clockwise as seen. `edge_runtime/pose.py` says in which order the three are applied.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True)
class Openings:
    """Mean height over width of each eye and of the mouth between the lips; 0 is closed.

    The eyes' is the eye aspect ratio of Soukupova and Cech (2016), here in 3D, so that it stays
    the same while the head turns. Open eyes have about 0.3.
    """

    left_eye: float
    right_eye: float
    mouth: float

    @classmethod
    def of(cls, points: FloatArray) -> Openings:
        """Openings of a face with landmarks (520, 3) or (68, 3) in px."""
        return cls(
            left_eye=_height_over_width(points, *LEFT_EYE),
            right_eye=_height_over_width(points, *RIGHT_EYE),
            mouth=_height_over_width(points, *INNER_MOUTH),
        )


@dataclass(frozen=True, eq=False)
class FaceLandmarks:
    """One face in an image.

    points (520, 3) float32: px of the image the caller gave, x right, y down, pixel centres at
    integers; z in the same unit, away from the camera, 0 at the mean of the points.
    presence: probability that this is a face, 0 to 1. box: tight around the 68 iBUG landmarks.
    visibility (520,) float32: the network's probability that the camera sees the landmark, neither
    covered by something nor hidden by the face; where the model has no such output
    (visibility_from "skin") 1 where the skin faces the camera, 0 where it is turned away.
    expression (52,) float32: coefficients of BLENDSHAPE_NAMES in that order, 0 at rest to 1, NaN
    where the model does not know one; None where it has no such output.
    track_id: the face's number in a video, from 0; None in a still.
    """

    points: FloatArray
    presence: float
    box: Box
    pose: HeadPose
    visibility: FloatArray
    track_id: int | None = None
    expression: FloatArray | None = None
    visibility_from: VisibilitySource = "skin"

    @property
    def ibug68(self) -> FloatArray:
        """The 68 landmarks (68, 3) of iBUG/300W-LP in their standard order."""
        return self.points[:IBUG68_COUNT]

    @property
    def openings(self) -> Openings:
        """How far the eyes and the mouth are open, height over width."""
        return Openings.of(self.points)

    def with_track_id(self, track_id: int) -> FaceLandmarks:
        """The same face with its number in a video."""
        return replace(self, track_id=track_id)


def _height_over_width(
    points: FloatArray, corners: tuple[int, int], pairs: tuple[tuple[int, int], ...]
) -> float:
    width = np.linalg.norm(points[corners[0]] - points[corners[1]])
    heights = [np.linalg.norm(points[above] - points[below]) for above, below in pairs]
    return float(np.mean(heights) / max(float(width), 1e-6))
