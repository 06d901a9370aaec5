import numpy as np

from edge_runtime.layout import IBUG68_COUNT, Layout, layout520


def test_520_points_of_which_the_first_68_are_ibug():
    layout = layout520()
    assert len(layout) == 520 and layout.reference == "face520/1"
    assert layout.mean_shape.shape == (520, 3) and layout.uv.shape == (520, 2)
    np.testing.assert_allclose(layout.mean_shape.mean(axis=0), 0, atol=1e-4)
    width, height = np.ptp(layout.mean_shape[:IBUG68_COUNT, :2], axis=0)
    assert abs(np.sqrt(width * height) - 1) < 1e-3


def test_mirror_is_an_involution_that_keeps_the_68():
    mirror = layout520().mirror
    np.testing.assert_array_equal(mirror[mirror], np.arange(520))
    assert set(mirror[:IBUG68_COUNT]) == set(range(IBUG68_COUNT))
    assert (mirror[36], mirror[48], mirror[8], mirror[0]) == (45, 54, 8, 16)


def test_mirror_pairs_lie_opposite_each_other():
    layout = layout520()
    flipped = layout.mean_shape[layout.mirror] * (-1, 1, 1)
    assert np.abs(flipped - layout.mean_shape).max() < 0.05


def test_mean_shape_is_frontal_in_image_axes():
    mean = layout520().mean_shape
    right_eye, left_eye = mean[36:42].mean(axis=0), mean[42:48].mean(axis=0)
    chin, nose_tip = mean[8], mean[30]
    assert right_eye[0] < 0 < left_eye[0]  # the subject's right is the picture's left
    assert chin[1] > right_eye[1]  # y down
    assert nose_tip[2] < mean[0, 2]  # z away from the camera


def test_every_landmark_has_a_region_and_a_place_in_the_mesh():
    layout = layout520()
    covered = {index for indices in layout.regions.values() for index in indices}
    assert covered == set(range(520))
    assert layout.triangles.min() >= 0 and layout.triangles.max() < 520
    assert len(np.unique(np.sort(layout.triangles, axis=1), axis=0)) == len(layout.triangles)
    for line in layout.contours:
        assert all(0 <= index < 520 for index in line.indices)


def test_eyes_and_mouth_are_open():
    layout = layout520()
    for opening in ("right_eye", "left_eye", "inner_lips"):
        rim = set(layout.regions[opening])
        inside = [triangle for triangle in layout.triangles.tolist() if set(triangle) <= rim]
        assert not inside, opening


def test_triangles_face_the_viewer():
    layout = layout520()
    a, b, c = (layout.mean_shape[layout.triangles[:, corner]] for corner in range(3))
    normal_z = np.cross(b - a, c - a)[:, 2]
    assert (normal_z < 0).mean() > 0.95


def test_json_round_trip():
    layout = layout520()
    again = Layout.from_json(layout.to_json())
    np.testing.assert_array_equal(again.triangles, layout.triangles)
    np.testing.assert_allclose(again.mean_shape, layout.mean_shape, atol=1e-6)
    assert again.contours == layout.contours and again.regions == layout.regions
