"""Who places a landmark: people, else mesh and model together, else the model alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from edge_runtime import layout520
from edge_runtime.arrays import FloatArray
from edge_runtime.layout import read_layout
from training.dataset.records import LabelSource
from training.errors import FaceModelError
from training.face.face_model import FaceModel, Pose
from training.fitting.face_finder import SeenFace
from training.fitting.face_fitter import FaceFitter
from training.fitting.face_mesh import MESH_POINT_COUNT, VERTICES_OF_68
from training.fitting.landmark_annotation import LandmarkAnnotation
from training.fitting.mesh_registration import EYES_AND_LIPS, MeshRegistration

LOWER_PX = 4.0


class LowerThanTheMesh(MeshRegistration):
    """Stands in for a registration: eyes and lips lie a known way below the mesh's own."""

    def eyes_and_lips(self, meshes: FloatArray, pose: Pose) -> FloatArray:
        own = [meshes[:, list(of)].mean(axis=1)[:, :2] for of in VERTICES_OF_68[EYES_AND_LIPS]]
        return np.stack(own, axis=1) + np.array([0, LOWER_PX], np.float32)


@pytest.fixture(scope="module")
def fitter(face_model_path: Path, layout_path: Path) -> FaceFitter:
    model = FaceModel.load(face_model_path)
    return FaceFitter(model, read_layout(layout_path), LowerThanTheMesh({}))


def seen(fitter: FaceFitter, yaw_deg: float, mesh_off_px: float = 0) -> SeenFace:
    """The neutral face 9 px a cm, and a mesh that differs from it by a shift alone."""
    turn = Rotation.from_euler("y", -yaw_deg, degrees=True).as_matrix() @ np.diag([1.0, -1, -1])
    place = np.array([300, 200, 0], np.float32)
    pose = Pose(turn.astype(np.float32), np.float32(9), place)
    points = pose.apply(fitter.keypoints.of(fitter.model.neutral)).astype(np.float32)
    mesh = np.zeros((MESH_POINT_COUNT, 3), np.float32)
    for landmark, vertices in zip(points, VERTICES_OF_68):
        mesh[list(vertices)] = landmark
    return SeenFace(points, 1.0, 0.5, mesh + np.float32(mesh_off_px))


def test_eyes_and_lips_lie_half_way_between_mesh_and_model(fitter: FaceFitter) -> None:
    face = seen(fitter, 20)
    (fit,) = fitter.fit([face], [None])
    moved = fit.landmarks68[:, :2] - face.points[:68, :2]
    np.testing.assert_allclose(moved[:36], 0, atol=1e-3)
    np.testing.assert_allclose(moved[EYES_AND_LIPS], [[0, LOWER_PX / 2]] * 32, atol=1e-3)
    assert fit.label_source is LabelSource.MESH_AND_MODEL
    assert set(fit.source68[:36]) == {LabelSource.MODEL}
    assert set(fit.source68[EYES_AND_LIPS]) == {LabelSource.MESH_AND_MODEL}


@pytest.mark.parametrize("why", ["no mesh", "turned far", "another face's mesh"])
def test_a_mesh_that_cannot_be_trusted_moves_nothing(fitter: FaceFitter, why: str) -> None:
    face = {
        "no mesh": replace(seen(fitter, 0), mesh=None),
        "turned far": seen(fitter, -60),
        "another face's mesh": seen(fitter, 0, mesh_off_px=40),
    }[why]
    (fit,) = fitter.fit([face], [None])
    np.testing.assert_allclose(fit.landmarks68[:, :2], face.points[:68, :2], atol=1e-3)
    assert fit.label_source is LabelSource.MODEL


def test_people_go_before_both_but_for_the_jaw_that_a_turned_head_hides(
    fitter: FaceFitter,
) -> None:
    face = seen(fitter, 20)
    people = face.points[:68, :2] + np.array([1, -2], np.float32)
    (fit,) = fitter.fit([face], [LandmarkAnnotation(people, on_outline=True)])
    hidden = np.arange(9, 17)
    met = np.setdiff1d(np.arange(68), hidden)
    np.testing.assert_allclose(fit.landmarks68[met, :2], people[met], atol=1e-3)
    np.testing.assert_allclose(fit.landmarks68[hidden, :2], face.points[hidden, :2], atol=1e-3)
    assert set(fit.source68[met]) == {LabelSource.PEOPLE}
    assert set(fit.source68[hidden]) == {LabelSource.MODEL}
    assert fit.label_source is LabelSource.PEOPLE
    assert fit.disagreement_percent == pytest.approx(1.5, abs=0.5)


def test_faces_are_fitted_one_by_one_whoever_is_beside_them(fitter: FaceFitter) -> None:
    faces = [seen(fitter, yaw) for yaw in (0, 80, -30)]
    together = fitter.fit(faces, [None] * 3)
    for face, fit in zip(faces, together):
        (alone,) = fitter.fit([face], [None])
        np.testing.assert_allclose(fit.landmarks68, alone.landmarks68, atol=0.05)
        assert fit.label_source is alone.label_source
    assert [round(fit.yaw_deg) for fit in together] == [0, 80, -30]


def test_a_face_model_of_another_layout_is_refused(face_model_path: Path) -> None:
    model = FaceModel.load(face_model_path)
    with pytest.raises(FaceModelError, match="made for another face model"):
        FaceFitter(model, layout520(), LowerThanTheMesh({}))
