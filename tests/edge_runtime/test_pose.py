import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime import HeadPose, layout520
from edge_runtime.pose import head_pose, rotation_between, rotation_of_pose

poses = st.builds(
    HeadPose,
    yaw_deg=st.floats(-85, 85),
    pitch_deg=st.floats(-80, 80),
    roll_deg=st.floats(-170, 170),
)


@given(poses, st.floats(20, 2000), st.floats(-1000, 1000))
def test_pose_of_a_turned_mean_face(pose, scale, shift):
    points = layout520().mean_shape @ rotation_of_pose(pose).T * scale + shift
    found = head_pose(points.astype(np.float32))
    assert found.yaw_deg == pytest.approx(pose.yaw_deg, abs=0.1)
    assert found.pitch_deg == pytest.approx(pose.pitch_deg, abs=0.3)
    assert found.roll_deg == pytest.approx(pose.roll_deg, abs=0.3)


@pytest.mark.parametrize(
    ("pose", "nose_moves"),
    [
        (HeadPose(30, 0, 0), (1, 0)),  # to the image's right
        (HeadPose(0, 30, 0), (0, -1)),  # up
    ],
)
def test_signs_by_where_the_nose_points(pose, nose_moves):
    toward_camera = np.array([0, 0, -1])
    moved = rotation_of_pose(pose) @ toward_camera
    np.testing.assert_allclose(moved[:2], np.array(nose_moves) * 0.5, atol=1e-9)


def test_roll_turns_clockwise_as_seen():
    # The picture's right goes down.
    moved = rotation_of_pose(HeadPose(0, 0, 90)) @ np.array([1, 0, 0])
    np.testing.assert_allclose(moved, [0, 1, 0], atol=1e-9)


@given(st.integers(0, 50))
def test_never_a_reflection(seed):
    generator = np.random.default_rng(seed)
    rotation = rotation_between(generator.normal(size=(10, 3)), generator.normal(size=(10, 3)))
    assert np.linalg.det(rotation) == pytest.approx(1)
