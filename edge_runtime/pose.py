"""Head pose from landmarks: the similarity transform that carries the mean face onto them.

Frame: x right, y down, z away from the camera, right-handed. The rotation is
R = Rz(roll) @ Ry(-yaw) @ Rx(-pitch): the head first nods, then turns, then tilts in the picture
plane. The signs make yaw > 0 a turn to the image's right and pitch > 0 a look upward.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import asin, atan2, degrees
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import Float64Array, FloatArray
from edge_runtime.layout import layout520


@dataclass(frozen=True)
class HeadPose:
    """Head rotation in degrees, zero for a face that looks straight into the camera.

    yaw > 0: the face turns to the image's right; pitch > 0: it looks up; roll > 0: it tilts
    clockwise as seen. The module says in which order.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


def head_pose(points: FloatArray) -> HeadPose:
    """Pose of a face from its landmarks (520, 3) in px."""
    return pose_of_rotation(rotation_between(_mean_shape(), points))


def in_plane_roll_deg(points: FloatArray) -> float:
    """How far the head's upward axis is tilted in the picture plane, clockwise, from (520, 3).

    Unlike the roll of `head_pose`, it stays calm in profile, where roll and pitch turn about the
    same axis.
    """
    rotation = rotation_between(_mean_shape(), points)
    return degrees(atan2(-rotation[0, 1], rotation[1, 1]))


def rotation_between(source: NDArray[Any], target: NDArray[Any]) -> Float64Array:
    """Float64Array (3, 3) of the least-squares similarity from source (N, 3) to target (N, 3).

    Kabsch's method with Umeyama's correction against reflections (Umeyama, 1991).
    """
    covariance = (target - target.mean(axis=0)).T @ (source - source.mean(axis=0))
    u, _, vt = np.linalg.svd(covariance.astype(np.float64))
    u[:, 2] *= np.sign(np.linalg.det(u @ vt))
    return np.asarray(u @ vt)


def pose_of_rotation(rotation: Float64Array) -> HeadPose:
    """Angles of a rotation (3, 3); yaw within +-90, pitch and roll within +-180 degrees."""
    return HeadPose(
        yaw_deg=degrees(asin(min(1.0, max(-1.0, float(rotation[2, 0]))))),
        pitch_deg=-degrees(atan2(rotation[2, 1], rotation[2, 2])),
        roll_deg=degrees(atan2(rotation[1, 0], rotation[0, 0])),
    )


def rotation_of_pose(pose: HeadPose) -> Float64Array:
    """Float64Array (3, 3) of a pose; the inverse of `pose_of_rotation`."""
    yaw, pitch, roll = np.radians([-pose.yaw_deg, -pose.pitch_deg, pose.roll_deg])
    about_x = [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    about_y = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    about_z = [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    return np.asarray(np.array(about_z) @ np.array(about_y) @ np.array(about_x))


@cache
def _mean_shape() -> Float64Array:
    return layout520().mean_shape.astype(np.float64)
