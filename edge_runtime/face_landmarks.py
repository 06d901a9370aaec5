"""The result: 520 landmarks of one face, with what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Generic, Literal, TypeVar, overload

import numpy as np

from edge_runtime.arrays import BoolArray, Float64Array, FloatArray, Int64Array
from edge_runtime.crop import Box
from edge_runtime.layout import IBUG68_COUNT, Layout, layout520
from edge_runtime.pose import HeadPose, head_pose, head_transformation

# iBUG landmarks: the corners, then pairs above and below. Sides are the subject's.
RIGHT_EYE = ((36, 39), ((37, 41), (38, 40)))
LEFT_EYE = ((42, 45), ((43, 47), (44, 46)))
INNER_MOUTH = ((60, 64), ((61, 67), (62, 66), (63, 65)))

# Aspect ratios of closed and of wide open, in labels of version 2: eyes, the
# median of 600 people who keep them closed and the 95th percentile of faces up to 30 degrees of
# yaw whose lids people placed; the mouth, the median of 94 people who drive and the 90th
# percentile of 326 who yawn. `python -m benchmarks.studies.labels.openings DATA` prints them.
EYE_RATIOS = (0.07, 0.42)
MOUTH_RATIOS = (0.05, 0.82)

VisibilitySource = Literal["network", "skin"]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Openings:
    """How far each eye and the mouth are open: 0 closed, 1 wide open.

    A linear scale of the aspect ratios between EYE_RATIOS and MOUTH_RATIOS, not cut off at its
    ends. An eye that merely is open has about 0.6; people differ.
    """

    left_eye: float
    right_eye: float
    mouth: float


@dataclass(frozen=True)
class AspectRatios:
    """Mean height over width of each eye and of the mouth between the lips.

    The eyes' is the eye aspect ratio of Soukupova and Cech (2016), here in 3D, so that it stays
    the same while the head turns. Even closed, lids and lips keep some height.
    """

    left_eye: float
    right_eye: float
    mouth: float

    @classmethod
    def of(cls, points: FloatArray) -> AspectRatios:
        """Of a face with landmarks (520, 2 or 3) or (68, 2 or 3) in px."""
        return cls(
            left_eye=_height_over_width(points, *LEFT_EYE),
            right_eye=_height_over_width(points, *RIGHT_EYE),
            mouth=_height_over_width(points, *INNER_MOUTH),
        )

    @property
    def openings(self) -> Openings:
        """The same on the scale from closed to wide open."""
        return Openings(
            left_eye=_on_scale(self.left_eye, EYE_RATIOS),
            right_eye=_on_scale(self.right_eye, EYE_RATIOS),
            mouth=_on_scale(self.mouth, MOUTH_RATIOS),
        )


@dataclass(frozen=True)
class Blinking:
    """What a face's eyes and mouth did in a video so far; `tracking/blink_counter.py` counts.

    closed_ms: how long the eyes have been closed now, 0 while they are open. perclos: share of the
    last minute in which they were at least 70 % closed.
    """

    blinks: int
    yawns: int
    closed_ms: float
    perclos: float


class _Derived(Generic[Value]):
    """A field that follows from the points: computed when first asked for, unless it was given.

    Threads that ask at the same time compute it twice, the same.
    """

    def __init__(self, of_points: Callable[[FloatArray], Value]) -> None:
        self._of_points = of_points

    def __set_name__(self, owner: type[FaceLandmarks], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, face: None, owner: type[FaceLandmarks]) -> None: ...
    @overload
    def __get__(self, face: FaceLandmarks, owner: type[FaceLandmarks]) -> Value: ...
    def __get__(self, face: FaceLandmarks | None, owner: type[FaceLandmarks]) -> Value | None:
        if face is None:
            return None  # the field's default
        value: Value | None = vars(face)[self._name]
        if value is None:
            value = vars(face)[self._name] = self._of_points(face.points)
        return value

    def __set__(self, face: FaceLandmarks, value: Value | None) -> None:
        vars(face)[self._name] = value


def _box(points: FloatArray) -> Box:
    return Box.around(points[:IBUG68_COUNT])


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
    track_id: the face's number in a video, from 0; None in a still. blinking: where the tracker was
    asked to count.

    Box, pose and visibility by the skin are computed from the points when they are first read.
    """

    points: FloatArray
    presence: float
    box: _Derived[Box] = _Derived(_box)
    pose: _Derived[HeadPose] = _Derived(head_pose)
    visibility: _Derived[FloatArray] = _Derived(lambda points: skin_visibility(points))
    track_id: int | None = None
    expression: FloatArray | None = None
    visibility_from: VisibilitySource = "skin"
    blinking: Blinking | None = None

    @property
    def ibug68(self) -> FloatArray:
        """The 68 landmarks (68, 3) of iBUG/300W-LP in their standard order."""
        return self.points[:IBUG68_COUNT]

    @property
    def aspect_ratios(self) -> AspectRatios:
        """Height over width of the eyes and of the mouth."""
        return AspectRatios.of(self.points)

    @property
    def openings(self) -> Openings:
        """How far the eyes and the mouth are open: 0 closed, 1 wide open."""
        return self.aspect_ratios.openings

    def transformation(
        self, image_size: tuple[int, int], vertical_fov_deg: float = 63.0
    ) -> Float64Array:
        """The head in the camera's space (4, 4): from the head's own cm to the camera's.

        image_size: width and height in px of the image that the points belong to.
        vertical_fov_deg: the camera's field of view from its upper to its lower edge; 63 is what
        MediaPipe supposes too. `edge_runtime/pose.py` describes both spaces, and how exact the
        distance is. Raises Face520Error for a size or an angle that no camera has.
        """
        return head_transformation(self.points, image_size, vertical_fov_deg)

    def with_track_id(self, track_id: int) -> FaceLandmarks:
        """The same face with its number in a video."""
        return replace(self, track_id=track_id)


def skin_visibility(points: FloatArray, layout: Layout | None = None) -> FloatArray:
    """1 where the skin around a landmark faces the camera, else 0: (520,) from points (520, 3).

    layout: whose points these are; without one, the released models' layout.

    A landmark's normal is the sum of its triangles' normals, each as long as the triangle's area;
    only its z matters. Skin that faces the camera behind a nose or a hand still counts as seen.
    """
    corners, has_triangle = _corners(layout or layout520())
    a, b, c = points[corners[0], :2], points[corners[1], :2], points[corners[2], :2]
    side, other = b - a, c - a
    # z of the cross product; negative toward the camera, since z points away from it.
    normal_z = side[:, 0] * other[:, 1] - side[:, 1] * other[:, 0]
    summed = np.bincount(corners.reshape(-1), np.tile(normal_z, 3), minlength=len(points))
    return ((summed < 0) | ~has_triangle).astype(np.float32)


def _height_over_width(
    points: FloatArray, corners: tuple[int, int], pairs: tuple[tuple[int, int], ...]
) -> float:
    width = np.linalg.norm(points[corners[0]] - points[corners[1]])
    heights = [np.linalg.norm(points[above] - points[below]) for above, below in pairs]
    return float(np.mean(heights) / max(float(width), 1e-6))


def _on_scale(ratio: float, ends: tuple[float, float]) -> float:
    return (ratio - ends[0]) / (ends[1] - ends[0])


@cache
def _corners(layout: Layout) -> tuple[Int64Array, BoolArray]:
    """First, second and third corners of all triangles (3, T); landmarks that have one (520,)."""
    corners = np.ascontiguousarray(layout.triangles.T, dtype=np.int64)
    has_triangle = np.zeros(len(layout), dtype=bool)
    has_triangle[corners] = True
    return corners, has_triangle
