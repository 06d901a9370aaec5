import numpy as np

from edge_runtime import HeadPose, layout520
from edge_runtime.face_landmarks import skin_visibility
from edge_runtime.pose import rotation_of_pose


def seen_at(yaw_deg: float) -> np.ndarray:
    turned = layout520().mean_shape @ rotation_of_pose(HeadPose(yaw_deg, 0, 0)).T
    return skin_visibility(turned.astype(np.float32) * 100)


def test_a_frontal_face_is_seen():
    assert seen_at(0).mean() > 0.9


def test_a_turned_face_hides_its_far_side():
    layout = layout520()
    right_of_picture = layout.mean_shape[:, 0] > 0.3
    seen = seen_at(70)  # to the image's right: that side turns away
    assert seen[right_of_picture].mean() < 0.2
    assert seen[layout.mean_shape[:, 0] < -0.2].mean() > 0.8
    assert set(np.unique(seen)) == {0, 1} and seen.dtype == np.float32


def test_mirrored_faces_hide_mirrored_landmarks():
    agree = seen_at(40)[layout520().mirror] == seen_at(-40)
    assert agree.mean() > 0.97  # the two halves of the mesh are cut into slightly other triangles
