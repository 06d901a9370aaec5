"""Head pose from landmarks: the similarity transform that carries the mean face onto them.

Angles are those of the picture. Frame: x right, y down, z away from the camera, right-handed. The
rotation is R = Rz(roll) @ Ry(-yaw) @ Rx(-pitch): the head first nods, then turns, then tilts in the
picture plane. The signs make yaw > 0 a turn to the image's right and pitch > 0 a look upward.

The transformation matrix is the head's place in the camera's space. Its spaces are right-handed,
x to the image's right, y up, z toward the viewer, as OpenGL and MediaPipe's facial transformation
matrix have them. The camera stands at the origin and looks along -z. The head's own origin is the
mean of the mean face's 520 points; turned by nothing, it looks along z. Pixels tell directions; a
length comes from the face alone, which is taken to be as large as the mean one: people's faces
differ by 5 % of it (standard deviation), and so does the distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import asin, atan2, degrees, radians, tan
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import Float64Array, FloatArray
from edge_runtime.errors import Face520Error
from edge_runtime.layout import layout520

# Size of the mean face, square root of the area of the 68 landmarks' box: that of ICT FaceKit's
# neutral face, of which the layout's mean shape is a copy of size 1. Over identities as its modes
# spread them, the standard deviation is 0.73 cm.
FACE_SIZE_CM = 14.69
UPRIGHT = np.diag([1.0, -1.0, -1.0])  # from y down, z away to y up, z toward the viewer


@dataclass(frozen=True)
class HeadPose:
    """Head rotation in degrees, zero for a face that looks straight into the camera.

    yaw > 0: the face turns to the image's right; pitch > 0: it looks up; roll > 0: it tilts
    clockwise as seen. The module says in which order they are applied.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


def head_pose(points: FloatArray) -> HeadPose:
    """Pose of a face from its landmarks (520, 3) in px."""
    return pose_of_rotation(head_rotation(points))


def in_plane_roll_deg(points: FloatArray) -> float:
    """How far the head's upward axis is tilted in the picture plane, clockwise, from (520, 3).

    Unlike the roll of `head_pose`, it stays calm in profile, where roll and pitch turn about the
    same axis.
    """
    rotation = head_rotation(points)
    return degrees(atan2(-rotation[0, 1], rotation[1, 1]))


def head_rotation(points: FloatArray) -> Float64Array:
    """Rotation (3, 3) of a head from its landmarks (520, 3) in px."""
    return _rotation(points.astype(np.float64).T @ _centred_mean_shape())


def rotation_between(source: NDArray[Any], target: NDArray[Any]) -> Float64Array:
    """Float64Array (3, 3) of the least-squares similarity from source (N, 3) to target (N, 3).

    Kabsch's method with Umeyama's correction against reflections (Umeyama, 1991).
    """
    # About the source's mean alone: it takes the target's out of the sum by itself.
    covariance = target.astype(np.float64).T @ (source - source.mean(axis=0))
    return _rotation(covariance)


def _rotation(covariance: Float64Array) -> Float64Array:
    """`rotation_of_covariance` of one matrix, in a third of the time."""
    _, u, vt = cv2.SVDecomp(covariance)
    rotation = u @ vt
    if cv2.determinant(rotation) < 0:
        u[:, 2] = -u[:, 2]
        rotation = u @ vt
    return np.asarray(rotation)


def rotation_of_covariance(covariance: Float64Array) -> tuple[Float64Array, Float64Array]:
    """The rotation (..., 3, 3) for which its trace with a covariance (..., 3, 3) is the largest.

    And the singular values (..., 3), whose sum is that trace; the last is negative where the best
    orthogonal matrix is a reflection.
    """
    u, singular, vt = np.linalg.svd(covariance)
    handedness = np.sign(np.linalg.det(u @ vt))
    u[..., 2] *= handedness[..., None]
    singular[..., 2] *= handedness
    return u @ vt, singular


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


def head_transformation(
    points: FloatArray, image_size: tuple[int, int], vertical_fov_deg: float
) -> Float64Array:
    """The matrix (4, 4) that carries the head's cm to the camera's, from landmarks (520, 3) in px.

    Seen from Z cm away through a focal length of f px, a landmark with depth z px lies Z * (1 + z /
    f) away along its pixel's ray: all lengths are Z times something known. The rotation and scale
    that carry the mean face onto it (Umeyama, 1991) give the rotation and Z.
    """
    width, height = image_size
    if min(width, height) <= 0 or not 0 < vertical_fov_deg < 180:
        raise Face520Error(
            f"No camera has a picture of {width} x {height} px and a field of view of "
            f"{vertical_fov_deg} degrees. Give (width, height) in px and degrees below 180."
        )
    focal_px = height / 2 / tan(radians(vertical_fov_deg) / 2)
    x, y, z = points.astype(np.float64).T
    rays = np.column_stack([x - (width - 1) / 2, y - (height - 1) / 2, np.full_like(x, focal_px)])
    seen = rays / focal_px * (1 + z / focal_px)[:, None]
    head = _mean_shape() * FACE_SIZE_CM
    rotation = rotation_between(head, seen)
    turned = head @ rotation.T
    # Both about their means, since the mean of seen times Z is where the mean of the head stands.
    spread, seen_spread = turned - turned.mean(axis=0), seen - seen.mean(axis=0)
    distance_cm = (spread**2).sum() / (spread * seen_spread).sum()
    matrix = np.eye(4)
    matrix[:3, :3] = UPRIGHT @ rotation @ UPRIGHT
    matrix[:3, 3] = UPRIGHT @ (seen.mean(axis=0) * distance_cm - turned.mean(axis=0))
    return matrix


@cache
def _mean_shape() -> Float64Array:
    return layout520().mean_shape.astype(np.float64)


@cache
def _centred_mean_shape() -> Float64Array:
    mean_shape = _mean_shape()
    return np.asarray(mean_shape - mean_shape.mean(axis=0))
