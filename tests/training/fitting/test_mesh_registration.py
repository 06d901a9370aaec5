"""The registration of a mesh: known points are found again, and files of another model refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.errors import FaceModelError
from training.face.face_model import FaceModel
from training.face.surface_points import SurfacePoints, nearest_on_surface
from training.fitting.fitted_photos import FittedPhotos
from training.fitting.mesh_registration import (
    MESH_POINT_COUNT,
    MeshRegistration,
    register,
    topology_of,
)


@pytest.fixture(scope="module")
def model(face_model_path: Path) -> FaceModel:
    return FaceModel.load(face_model_path)


@pytest.fixture(scope="module")
def truth(model: FaceModel) -> SurfacePoints:
    rng = np.random.default_rng(6)
    chosen = model.mask_triangles[rng.integers(0, len(model.mask_triangles), MESH_POINT_COUNT)]
    weights = rng.dirichlet(np.ones(3), MESH_POINT_COUNT).astype(np.float32)
    return SurfacePoints(chosen, weights)


@pytest.fixture(scope="module")
def faces(model: FaceModel, fitted_photos_paths: tuple[Path, Path]) -> np.ndarray:
    photos = FittedPhotos.load(*fitted_photos_paths)
    return photos.vertices(model, np.flatnonzero(np.abs(photos.yaw_deg) < 45).tolist())


@pytest.fixture(scope="module")
def registration(model: FaceModel, truth: SurfacePoints, faces: np.ndarray) -> MeshRegistration:
    return register(model, faces, model.landmarks68(faces), truth.of(faces))


def test_a_point_inside_a_triangle_is_found_from_any_views() -> None:
    rng = np.random.default_rng(0)
    triangles = np.array([[0, 1, 2], [1, 3, 2]], np.int32)
    surface = rng.normal(size=(5, 4, 2)).astype(np.float32)
    truth = SurfacePoints(triangles[1:], np.array([[0.2, 0.5, 0.3]], np.float32))
    found, spread = nearest_on_surface(surface, triangles, truth.of(surface))
    np.testing.assert_allclose(found.of(surface), truth.of(surface), atol=1e-5)
    assert spread[0] < 1e-5


def test_a_point_off_the_surface_gets_the_nearest_on_its_edge() -> None:
    surface = np.array([[[0, 0], [1, 0], [0, 1]]], np.float32)
    found, spread = nearest_on_surface(
        surface, np.array([[0, 1, 2]], np.int32), np.array([[[0.25, -2]]], np.float32)
    )
    np.testing.assert_allclose(found.of(surface)[0], [[0.25, 0]], atol=1e-6)
    np.testing.assert_allclose(spread, [2], atol=1e-6)


def test_the_mesh_is_found_on_the_face(
    model: FaceModel, truth: SurfacePoints, registration: MeshRegistration
) -> None:
    assert len(registration.points) == MESH_POINT_COUNT
    there = truth.of(model.neutral)[registration.mesh_indices]
    miss_cm = np.linalg.norm(registration.points.of(model.neutral) - there, axis=1)
    assert np.median(miss_cm) < 0.02
    assert registration.spread.max() < 0.005


def test_points_that_wander_are_left_out(
    model: FaceModel, truth: SurfacePoints, faces: np.ndarray
) -> None:
    mesh = truth.of(faces)
    mesh[:, :50] += np.random.default_rng(7).normal(0, 10, mesh[:, :50].shape)
    found = register(model, faces, model.landmarks68(faces), mesh)
    np.testing.assert_array_equal(found.mesh_indices, np.arange(50, MESH_POINT_COUNT))


def test_one_photo_of_another_face_does_not_count(
    model: FaceModel, truth: SurfacePoints, faces: np.ndarray, registration: MeshRegistration
) -> None:
    mesh = truth.of(faces)
    mesh[0] += 200
    found = register(model, faces, model.landmarks68(faces), mesh)
    there = registration.points.of(model.neutral)
    np.testing.assert_allclose(found.points.of(model.neutral), there, atol=0.1)


def test_landmarks_that_people_place_elsewhere_are_noticed(
    model: FaceModel,
    truth: SurfacePoints,
    faces: np.ndarray,
    fitted_photos_paths: tuple[Path, Path],
) -> None:
    photos = FittedPhotos.load(*fitted_photos_paths)
    frontal = np.flatnonzero(np.abs(photos.yaw_deg) < 45)
    offset_cm = np.zeros((68, 3), np.float32)
    offset_cm[17:27, 1] = 0.4  # the brows higher up than the model has them
    turned = offset_cm @ photos.pose.rotation[frontal].swapaxes(1, 2)
    placed = model.landmarks68(faces) + turned * photos.pose.scale[frontal, None, None]
    found = register(model, faces, placed, truth.of(faces)).landmark68_offset_cm
    np.testing.assert_allclose(found[17:27, 1], 0.4, atol=0.15)
    np.testing.assert_allclose(found[27:, :2], 0, atol=0.15)


def test_photos_that_do_not_belong_to_the_fits_are_refused(
    model: FaceModel, truth: SurfacePoints, faces: np.ndarray
) -> None:
    mesh = np.random.default_rng(8).normal(80, 40, (len(faces), MESH_POINT_COUNT, 3))
    with pytest.raises(FaceModelError, match="same release"):
        register(model, faces, model.landmarks68(faces), mesh)


def test_what_is_written_is_read(
    model: FaceModel, registration: MeshRegistration, tmp_path: Path
) -> None:
    registration.write(tmp_path / "mesh.json")
    read = MeshRegistration.load(model, tmp_path / "mesh.json")
    there = registration.points.of(model.neutral)
    np.testing.assert_allclose(read.points.of(model.neutral), there, atol=1e-3)
    np.testing.assert_allclose(read.spread, registration.spread, atol=1e-5)


def test_another_face_model_is_refused(
    model: FaceModel, registration: MeshRegistration, tmp_path: Path
) -> None:
    registration.write(tmp_path / "mesh.json")
    other = replace(model, triangles=model.triangles[::-1])
    with pytest.raises(FaceModelError, match="another face model"):
        MeshRegistration.load(other, tmp_path / "mesh.json")


@pytest.mark.parametrize("content", ["", "[]", json.dumps({"topology": "x"})])
def test_a_damaged_file_is_named(model: FaceModel, tmp_path: Path, content: str) -> None:
    (tmp_path / "mesh.json").write_text(content)
    with pytest.raises(FaceModelError, match=r"mesh\.json: not a registration"):
        MeshRegistration.load(model, tmp_path / "mesh.json")


def test_the_shipped_one_belongs_to_ict_face_kit(real_data: Path) -> None:
    model = FaceModel.load(real_data / "face_model.npz")
    registration = MeshRegistration.load(model)
    assert registration.topology == topology_of(model)
    assert len(registration.points) > 420
    assert np.median(registration.spread) < 0.025
    # Of MediaPipe's mesh 1 is the nose tip, 152 the chin, 33 and 263 the outer eye corners.
    landmarks = model.landmarks68(model.neutral)
    place = dict(zip(registration.mesh_indices.tolist(), registration.points.of(model.neutral)))
    for mesh_index, landmark in ((1, 30), (152, 8), (33, 36), (263, 45), (61, 48), (291, 54)):
        assert np.linalg.norm(place[mesh_index] - landmarks[landmark]) < 0.8
