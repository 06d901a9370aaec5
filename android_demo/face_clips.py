"""Made-up clips of a face, and what the Python runtime's smoothing and counting make of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from android_demo.recorder import with_nulls
from edge_runtime import Box, FaceLandmarks, HeadPose
from edge_runtime.arrays import FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.face_landmarks import INNER_MOUTH, LEFT_EYE, RIGHT_EYE
from edge_runtime.layout import IBUG68_COUNT, layout520
from edge_runtime.network.landmark_model import Prediction
from edge_runtime.pose import head_pose, rotation_of_pose
from edge_runtime.tracking.blink_counter import BlinkCounter
from edge_runtime.tracking.face_shape import may_be_one_person, shape_distance
from edge_runtime.tracking.face_smoother import FaceSmoother
from edge_runtime.tracking.one_euro import SETTINGS

EYE_PAIRS = (*LEFT_EYE[1], *RIGHT_EYE[1])
FRAME_MS = 33.3
# Shares of the mean face's eye opening: a blink, then a wink of both eyes that lasts.
LIDS = (1, 1, 1, 1, 1, 0.6, 0.2, 0.05, 0.3, 0.8, 1, 1, 1, 0.4, 0.1, 0.1, 0.1, 1)
LIPS = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 6, 12, 12, 8, 4, 0, 0)  # px apart, added
UNKNOWN = BLENDSHAPE_NAMES.index("eyeLookInLeft")

COUNTED_SECONDS, COUNTED_FPS = 75, 10  # longer than what PERCLOS looks back


def smoothed_clip() -> Any:
    """A face with noise that blinks and opens its mouth, and how it is smoothed."""
    random = np.random.default_rng(11)
    clip = []
    for lids, lips in zip(LIDS, LIPS, strict=True):
        points = _face_with(eye_share=lids, lips_px=lips)
        points += random.normal(0, 0.2, points.shape).astype(np.float32)
        expression = random.uniform(0, 1, len(BLENDSHAPE_NAMES)).astype(np.float32)
        expression[UNKNOWN] = np.nan
        clip.append(Prediction(points, expression=expression))
    times_ms = [number * FRAME_MS for number in range(len(clip))]
    written: dict[str, Any] = {
        "times_ms": times_ms,
        "points": [one.points.tolist() for one in clip],
        "expression": [with_nulls(one.expression) for one in clip],
    }
    for smoothing, settings in SETTINGS.items():
        smoother = FaceSmoother(settings)
        calm = [smoother.smooth(one, time_ms) for one, time_ms in zip(clip, times_ms, strict=True)]
        written[smoothing.value] = {
            "points": [one.points.tolist() for one in calm],
            "expression": [with_nulls(one.expression) for one in calm],
        }
    return written


def counted_clip() -> Any:
    """A face that blinks, rests its eyes, yawns and is away for a while, and what is counted.

    Given are the points at rest and, of each frame, the heights that lids and lips are set apart
    to and how far the camera sees the right eye.
    """
    random = np.random.default_rng(12)
    count = COUNTED_SECONDS * COUNTED_FPS
    times_ms = np.arange(count) * 1000.0 / COUNTED_FPS
    times_ms[count // 2 :] += 900.0  # away
    eyes_px = random.normal(5.5, 0.2, count)
    for start in range(20, count - 40, 37):
        eyes_px[start : start + 1 + start % 3] = 0.8
    eyes_px[300:315] = 0.7
    lips_px = np.abs(random.normal(0.5, 0.3, count))
    lips_px[500:530] = 20.0
    right_eye_seen = np.where(np.arange(count) > 600, 0.0, 1.0)
    counter, base = BlinkCounter(), _face_with(1.0, 0.0)
    blinking = []
    for time_ms, eye_px, lip_px, seen in zip(
        times_ms, eyes_px, lips_px, right_eye_seen, strict=True
    ):
        face = _result(_set_apart(base, float(eye_px), float(lip_px)), float(seen))
        found = counter.update(face, float(time_ms))
        blinking.append([found.blinks, found.yawns, found.closed_ms, found.perclos])
    return {
        "points": base.tolist(),
        "eye_pairs": EYE_PAIRS,
        "mouth_pairs": INNER_MOUTH[1],
        "times_ms": times_ms.tolist(),
        "eyes_px": eyes_px.tolist(),
        "lips_px": lips_px.tolist(),
        "right_eye_seen": right_eye_seen.tolist(),
        "blinking": blinking,
    }


def compared_shapes() -> Any:
    """Pairs of looks at made-up faces, and whether they may show one person.

    Wider, turned or with another expression from pair to pair; the expressions of one are unknown.
    """
    random = np.random.default_rng(13)
    pairs = []
    for wider, yaw_deg, apart in (
        (1.0, 0.0, 0.0),
        (1.04, 0.0, 0.0),
        (1.04, 0.0, 0.8),
        (1.08, 10.0, 0.1),
        (1.2, 25.0, 0.0),
        (1.2, 5.0, np.nan),
    ):
        one, other = (
            _shaped(random, *how) for how in ((1.0, 0.0, 0.1), (wider, yaw_deg, 0.1 + apart))
        )
        pairs.append(
            {
                "points": [one.points.tolist(), other.points.tolist()],
                "expression": [with_nulls(one.expression), with_nulls(other.expression)],
                "distance": shape_distance(one.points, other.points),
                "may_be_one": may_be_one_person(one, other),
            }
        )
    return pairs


def _shaped(
    random: np.random.Generator, wider: float, yaw_deg: float, coefficient: float
) -> Prediction:
    """The mean face, 60 px large, so many times wider; without expression for NaN."""
    shape = layout520().mean_shape * (60 * wider, 60, 60)
    turned = shape @ rotation_of_pose(HeadPose(yaw_deg, 3.0, 8.0)).T + (150, 120, 0)
    points = (turned + random.normal(0, 0.1, turned.shape)).astype(np.float32)
    expression = np.full(len(BLENDSHAPE_NAMES), coefficient, np.float32)
    expression[UNKNOWN] = np.nan
    return Prediction(points, expression=None if np.isnan(coefficient) else expression)


def _face_with(eye_share: float, lips_px: float) -> FloatArray:
    """The mean face, 100 px large, with lids as far apart as that and lips further."""
    points = (layout520().mean_shape * 100 + 200).astype(np.float32)
    for above, below in EYE_PAIRS:
        points[below] = points[above] + (points[below] - points[above]) * eye_share
    for _, below in INNER_MOUTH[1]:
        points[below, 1] += lips_px
    return points


def _set_apart(base: FloatArray, eye_px: float, lip_px: float) -> FloatArray:
    points = base.copy()
    for pairs, height_px in ((EYE_PAIRS, eye_px), (INNER_MOUTH[1], lip_px)):
        for above, below in pairs:
            points[below] = points[above]
            points[below, 1] += height_px
    return points


def _result(points: FloatArray, right_eye_seen: float) -> FaceLandmarks:
    visibility = np.ones(len(points), np.float32)
    visibility[list(layout520().regions["right_eye"])] = right_eye_seen
    box = Box.around(points[:IBUG68_COUNT])
    return FaceLandmarks(points, 1.0, box, head_pose(points), visibility)
