"""Could two looks show the same person? By the face's shape, where they can be compared at all.

The landmarks of both are turned straight ahead and brought to one size; what is left between them
is shape, expression and noise. `python -m benchmarks.studies.face_shape DIR` measures all three.
"""

from __future__ import annotations

import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.crop import Box
from edge_runtime.layout import IBUG68_COUNT
from edge_runtime.network.landmark_model import Prediction
from edge_runtime.pose import HeadPose, head_pose, head_rotation

# Root mean square distances of two shapes, in face sizes. Two looks at one photo differ by less
# than NOISE + NOISE_OF_WIDTH / width_px squared in 99 of 100 cases. Expressions move a shape too:
# by 0.025 times the distance of the coefficients in 95 of 100 cases, but people with the same
# expression, whose coefficients are never quite the same, would then be one in seven of ten cases.
NOISE, NOISE_OF_WIDTH, PER_EXPRESSION = 0.0045, 2.5, 0.016
# Degrees that two heads may be turned apart: the far side of a face is a guess.
MOST_TURN_DEG = 15.0
OF_SHAPE = ("mouth", "jaw", "cheek", "brow", "nose")
COEFFICIENTS = [at for at, name in enumerate(BLENDSHAPE_NAMES) if name.startswith(OF_SHAPE)]


def may_be_one_person(one: Prediction, other: Prediction) -> bool:
    """False where the shapes differ beyond noise; True as well where that cannot be told.

    It cannot where the model has no expression, and where the heads are turned apart.
    """
    if one.expression is None or other.expression is None:
        return True
    poses = head_pose(one.points), head_pose(other.points)
    if _turn_deg(*poses) > MOST_TURN_DEG:
        return True
    width_px = min(Box.around(look.points[:IBUG68_COUNT]).width for look in (one, other))
    limit = NOISE + NOISE_OF_WIDTH / max(width_px, 1.0) ** 2
    limit += PER_EXPRESSION * _expression_distance(one.expression, other.expression)
    return shape_distance(one.points, other.points) <= limit


def shape_distance(one: FloatArray, other: FloatArray) -> float:
    """Root mean square distance of landmarks (520, 3), straight ahead, in face sizes."""
    shift = _straight(one) - _straight(other)
    return float(np.sqrt((shift**2).sum(axis=1).mean()))


def _straight(points: FloatArray) -> Float64Array:
    """Landmarks (520, 3) as the mean face stands, about their mean, at its size."""
    straight = (points - points.mean(axis=0)) @ head_rotation(points)
    # A face of size 1 has landmarks 0.499 from their mean, root mean square (the mean face's own).
    return np.asarray(0.499 * straight / np.sqrt((straight**2).sum(axis=1).mean()))


def _turn_deg(one: HeadPose, other: HeadPose) -> float:
    return max(abs(one.yaw_deg - other.yaw_deg), abs(one.pitch_deg - other.pitch_deg))


def _expression_distance(one: FloatArray, other: FloatArray) -> float:
    return float(np.linalg.norm(np.nan_to_num(one - other)[COEFFICIENTS]))
