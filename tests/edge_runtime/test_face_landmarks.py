import numpy as np
import pytest

from edge_runtime import HeadPose, layout520
from edge_runtime.face_landmarks import Openings
from edge_runtime.pose import rotation_of_pose


def test_the_mean_face_has_open_eyes_and_a_closed_mouth():
    found = Openings.of(layout520().mean_shape)
    assert 0.2 < found.left_eye < 0.5 and 0.2 < found.right_eye < 0.5
    assert found.mouth < 0.25


def test_size_and_pose_do_not_matter():
    mean = layout520().mean_shape
    turned = 300 * mean @ rotation_of_pose(HeadPose(60, 20, -30)).T + 50
    one, other = Openings.of(mean), Openings.of(turned.astype(np.float32))
    assert other.left_eye == pytest.approx(one.left_eye, rel=1e-3)
    assert other.mouth == pytest.approx(one.mouth, rel=1e-3)


def test_sides_are_the_subjects():
    points = layout520().mean_shape.copy()
    points[[43, 44, 46, 47]] = points[[42, 45]].mean(axis=0)  # close the left eye
    found = Openings.of(points)
    assert found.left_eye < 0.05 < found.right_eye
    points[61:64, 1] -= 0.1
    points[65:68, 1] += 0.1
    assert Openings.of(points).mouth > 0.5


def test_points_that_coincide():
    assert Openings.of(np.zeros((520, 3), np.float32)).mouth == 0
