from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from edge_runtime import Box, FaceLandmarks, HeadPose, layout520
from edge_runtime.face_landmarks import EYE_RATIOS, MOUTH_RATIOS, AspectRatios, skin_visibility
from edge_runtime.pose import head_pose, rotation_of_pose


def test_the_mean_face_has_open_eyes_and_a_closed_mouth():
    found = AspectRatios.of(layout520().mean_shape)
    assert 0.2 < found.left_eye < 0.5 and 0.2 < found.right_eye < 0.5
    assert found.mouth < 0.25


def test_size_and_pose_do_not_matter():
    mean = layout520().mean_shape
    turned = 300 * mean @ rotation_of_pose(HeadPose(60, 20, -30)).T + 50
    one, other = AspectRatios.of(mean), AspectRatios.of(turned.astype(np.float32))
    assert other.left_eye == pytest.approx(one.left_eye, rel=1e-3)
    assert other.mouth == pytest.approx(one.mouth, rel=1e-3)


def test_sides_are_the_subjects():
    points = layout520().mean_shape.copy()
    points[[43, 44, 46, 47]] = points[[42, 45]].mean(axis=0)  # close the left eye
    found = AspectRatios.of(points)
    assert found.left_eye < 0.05 < found.right_eye
    points[61:64, 1] -= 0.1
    points[65:68, 1] += 0.1
    assert AspectRatios.of(points).mouth > 0.5


def test_points_that_coincide():
    assert AspectRatios.of(np.zeros((520, 3), np.float32)).mouth == 0


def test_openings_go_from_closed_to_wide_open(face):
    closed = AspectRatios(EYE_RATIOS[0], EYE_RATIOS[1], MOUTH_RATIOS[0]).openings
    assert (closed.left_eye, closed.right_eye, closed.mouth) == pytest.approx((0, 1, 0))
    beyond = AspectRatios(2 * EYE_RATIOS[1], 0.0, 2.0).openings
    assert beyond.left_eye > 1 and beyond.right_eye < 0 and beyond.mouth > 1
    assert face.openings == face.aspect_ratios.openings
    # The layout's face is nobody's: its eyes are open, its mouth is closed.
    assert 0.5 < face.openings.left_eye < 1 and abs(face.openings.mouth) < 0.1


def test_what_follows_from_the_points_is_computed_when_read_and_what_is_given_stays(face):
    bare = FaceLandmarks(face.points, 0.9)
    assert not {"box", "pose", "visibility"} & {n for n, v in vars(bare).items() if v is not None}
    assert bare.box == Box.around(face.points[:68])
    assert bare.pose == head_pose(face.points)
    np.testing.assert_array_equal(bare.visibility, skin_visibility(face.points))
    assert bare.pose is bare.pose and bare.visibility is bare.visibility
    given = FaceLandmarks(face.points, 0.9, pose=HeadPose(1, 2, 3)).with_track_id(4)
    assert given.pose == HeadPose(1, 2, 3) and given.box == bare.box
    with pytest.raises(FrozenInstanceError):
        given.pose = HeadPose(0, 0, 0)
