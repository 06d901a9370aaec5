"""The morphable model: coefficients to vertices, landmarks, pose, and files that are not one."""

from pathlib import Path

import numpy as np
import pytest

from edge_runtime import layout520
from training.errors import FaceModelError
from training.face.face_model import FaceModel, Pose


@pytest.fixture(scope="module")
def model(face_model_path: Path) -> FaceModel:
    return FaceModel.load(face_model_path)


def test_no_coefficients_give_the_neutral_face(model: FaceModel) -> None:
    vertices = model.vertices(np.zeros((2, 100), np.float32), np.zeros((2, 53), np.float32))
    np.testing.assert_allclose(vertices, np.stack([model.neutral] * 2))


def test_modes_add_up(model: FaceModel) -> None:
    identity, expression = np.zeros(100, np.float32), np.zeros(53, np.float32)
    identity[3], expression[7] = 2, 0.5
    expected = model.neutral + 2 * model.identity_modes[3] + 0.5 * model.expression_modes[7]
    np.testing.assert_allclose(model.vertices(identity, expression), expected, atol=1e-4)


def test_landmarks_lie_at_their_uv(model: FaceModel) -> None:
    np.testing.assert_allclose(model.landmarks68(model.uv), layout520().uv[:68], atol=1e-4)


def test_pose_turns_scales_and_moves() -> None:
    quarter = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    pose = Pose(quarter, np.float32(2), np.array([10, 20, 0], np.float32))
    moved = pose.apply(np.array([[1, 0, 0], [0, 1, 3]], np.float32))
    np.testing.assert_allclose(moved, [[10, 22, 0], [8, 20, 6]])


def test_map_uv_keeps_order_and_mirror(model: FaceModel) -> None:
    u_order, v_order = np.argsort(model.uv[:, 0], kind="stable"), np.argsort(model.uv[:, 1])
    assert (np.diff(model.map_uv[u_order, 0]) >= -1e-6).all()
    assert (np.diff(model.map_uv[v_order, 1]) >= -1e-6).all()
    mirrored = model.map_uv.reshape(48, 48, 2)[:, ::-1]
    np.testing.assert_allclose(1 - mirrored[..., 0].ravel(), model.map_uv[:, 0], atol=0.01)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FaceModelError, match=r"nothing\.npz: no such face model"):
        FaceModel.load(tmp_path / "nothing.npz")


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.npz"
    path.write_text("not an archive")
    with pytest.raises(FaceModelError, match=r"text\.npz"):
        FaceModel.load(path)


def test_a_lacking_array_is_named(tmp_path: Path, face_model_path: Path) -> None:
    with np.load(face_model_path) as archive:
        arrays = {name: archive[name] for name in archive.files if name != "triangles"}
    np.savez(tmp_path / "part.npz", **arrays)
    with pytest.raises(FaceModelError, match="lacks triangles"):
        FaceModel.load(tmp_path / "part.npz")


def test_the_real_model_has_its_numbers(real_data: Path) -> None:
    model = FaceModel.load(real_data / "face_model.npz")
    assert model.neutral.shape == (9409, 3)
    assert model.mask_vertex_count == 6706
    # The nose tip is the foremost of the landmarks, the chin the lowest.
    landmarks = model.landmarks68(model.neutral)
    assert landmarks[:, 2].argmax() == 30
    assert landmarks[:, 1].argmin() == 8
