"""A known head before a known camera: its place and turn come back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge_runtime import Face520Error, FaceLandmarks, HeadPose, layout520
from edge_runtime.pose import FACE_SIZE_CM, UPRIGHT, rotation_of_pose

SIZE, FOV_DEG = (640, 480), 63.0
FOCAL_PX = 240 / np.tan(np.radians(FOV_DEG / 2))
HEAD_CM = layout520().mean_shape.astype(float) * FACE_SIZE_CM


def photographed(head_cm: np.ndarray, pose: HeadPose, place_cm: tuple[float, ...]) -> np.ndarray:
    """Landmarks (520, 3) in px of a head (520, 3) that stands in the frame of `pose.py`."""
    stands = head_cm @ rotation_of_pose(pose).T + place_cm
    px_per_cm = FOCAL_PX / stands[:, 2].mean()
    depth_px = (stands[:, 2] - stands[:, 2].mean()) * px_per_cm
    pixels = stands[:, :2] / stands[:, 2:] * FOCAL_PX + (319.5, 239.5)
    return np.column_stack([pixels, depth_px]).astype(np.float32)


def turn_deg(one: np.ndarray, other: np.ndarray) -> float:
    """Angle between two rotations."""
    return float(np.degrees(np.arccos(np.clip((np.trace(one.T @ other) - 1) / 2, -1, 1))))


POSES = [HeadPose(0, 0, 0), HeadPose(40, 10, -20), HeadPose(-75, -15, 30), HeadPose(10, 35, 160)]
PLACES = [(0.0, 0.0, 40.0), (-15.0, 8.0, 60.0), (4.0, -10.0, 30.0), (60.0, 20.0, 250.0)]


@pytest.mark.parametrize("pose", POSES, ids=str)
@pytest.mark.parametrize("place_cm", PLACES, ids=str)
def test_a_known_head_comes_back(face: FaceLandmarks, pose: HeadPose, place_cm) -> None:
    points = photographed(HEAD_CM, pose, place_cm)
    matrix = replace(face, points=points).transformation(SIZE)
    assert turn_deg(matrix[:3, :3], UPRIGHT @ rotation_of_pose(pose) @ UPRIGHT) < 0.05
    np.testing.assert_allclose(matrix[:3, 3], np.multiply(place_cm, (1, -1, -1)), atol=0.01)
    np.testing.assert_array_equal(matrix[3], [0, 0, 0, 1])


def test_both_spaces_are_right_handed_and_upright(face: FaceLandmarks) -> None:
    """A head to the upper right of the camera's axis that turns to the picture's right."""
    points = photographed(HEAD_CM, HeadPose(30, 0, 0), (10.0, -5.0, 50.0))
    matrix = replace(face, points=points).transformation(SIZE)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)
    x_cm, y_cm, z_cm = matrix[:3, 3]
    assert x_cm == pytest.approx(10, abs=0.1) and y_cm == pytest.approx(5, abs=0.1)
    assert z_cm == pytest.approx(-50, abs=0.2)
    nose_points_at = matrix[:3, :3] @ (0, 0, 1)
    np.testing.assert_allclose(nose_points_at, [0.5, 0, 0.866], atol=0.01)


def test_noise_and_a_network_that_sees_no_perspective(face: FaceLandmarks) -> None:
    """Points off by 1 % of the face, and a depth as a fit without perspective has it."""
    rng = np.random.default_rng(0)
    for pose in POSES[:3]:
        points = photographed(HEAD_CM, pose, (8.0, 4.0, 45.0))
        px_per_cm = FOCAL_PX / 45.0
        points[:, 2] = (HEAD_CM @ rotation_of_pose(pose).T)[:, 2] * px_per_cm
        points += rng.normal(0, 0.01 * FACE_SIZE_CM * px_per_cm, points.shape).astype(np.float32)
        matrix = replace(face, points=points).transformation(SIZE)
        assert turn_deg(matrix[:3, :3], UPRIGHT @ rotation_of_pose(pose) @ UPRIGHT) < 1
        assert -matrix[2, 3] == pytest.approx(45, rel=0.01)


def test_a_face_larger_than_the_mean_seems_nearer_by_as_much(face: FaceLandmarks) -> None:
    points = photographed(HEAD_CM * 1.05, HeadPose(0, 0, 0), (0.0, 0.0, 60.0))
    matrix = replace(face, points=points).transformation(SIZE)
    assert -matrix[2, 3] == pytest.approx(60 / 1.05, rel=1e-3)


def test_a_longer_lens_puts_the_same_picture_further_away(face: FaceLandmarks) -> None:
    wide, narrow = (face.transformation(SIZE, fov)[2, 3] for fov in (63.0, 30.0))
    ratio = np.tan(np.radians(63 / 2)) / np.tan(np.radians(30 / 2))
    assert narrow / wide == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize("size, fov_deg", [((0, 480), 63), ((640, 480), 0), ((640, 480), 180)])
def test_a_camera_that_does_not_exist_is_refused(face: FaceLandmarks, size, fov_deg) -> None:
    with pytest.raises(Face520Error, match="No camera has"):
        face.transformation(size, fov_deg)
