"""Eyes and lips told from a mesh: a known rule is found again, in the mirror and in any pose."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from edge_runtime.arrays import FloatArray
from training.errors import FaceModelError
from training.face.face_model import Pose
from training.fitting.face_mesh import MESH_POINT_COUNT, landmarks68_of_mesh
from training.fitting.mesh_registration import EYES_AND_LIPS, PARTS, MeshRegistration

FACES = 400
AS_THEY_ARE = dict.fromkeys(PARTS, 1.0)
MIRROR = np.array([-1, 1, 1])


class KnownFaces:
    """Meshes of random faces; each landmark lies where a rule, one per part, says."""

    def __init__(self, yaw_deg: float = 0) -> None:
        rng = np.random.default_rng(5)
        shape = rng.normal(0, 4, (MESH_POINT_COUNT, 3))
        for part in PARTS.values():
            shape[list(part.mirrored_vertices)] = shape[list(part.vertices)] * MIRROR
        model_points = shape + rng.normal(0, 0.3, (FACES, MESH_POINT_COUNT, 3))
        placed = landmarks68_of_mesh(model_points.astype(np.float32))
        for part in PARTS.values():
            pull = rng.normal(0, 0.1, (len(part.landmarks), len(part.vertices), 2))
            if set(part.vertices) == set(part.mirrored_vertices):  # the mouth is its own partner
                _, mirrored_landmarks, _ = part.sides()[1]
                rows = [part.landmarks.index(one) for one in mirrored_landmarks]
                columns = [part.vertices.index(one) for one in part.mirrored_vertices]
                pull = (pull + pull[rows][:, columns]) / 2
            for vertices, landmarks, factor in part.sides():
                around = model_points[:, vertices] * factor
                middle = around.mean(axis=1, keepdims=True)
                moved = np.einsum("lkd,pkd->pld", pull, (around - middle)[..., :2])
                placed[:, landmarks, :2] = (moved + middle[..., :2]) * factor[:2]
        angles = np.stack([np.full(FACES, yaw_deg), rng.uniform(-30, 30, FACES)], axis=1)
        turn = Rotation.from_euler("yz", angles, degrees=True).as_matrix()
        self.pose = Pose(
            (turn @ np.diag([1.0, -1.0, -1.0])).astype(np.float32),
            rng.uniform(5, 20, FACES).astype(np.float32),
            rng.uniform(-50, 500, (FACES, 3)).astype(np.float32),
        )
        self.meshes: FloatArray = self.pose.apply(model_points.astype(np.float32))
        self.landmarks68: FloatArray = self.pose.apply(placed)
        # People place no depth.
        self.landmarks68[..., 2] = 0

    def miss_cm(self, registration: MeshRegistration) -> FloatArray:
        told = registration.eyes_and_lips(self.meshes, self.pose)
        miss_px = told - self.landmarks68[:, EYES_AND_LIPS, :2]
        return np.linalg.norm(miss_px, axis=-1) / self.pose.scale[:, None]


@pytest.fixture(scope="module")
def faces() -> KnownFaces:
    return KnownFaces()


@pytest.fixture(scope="module")
def registration(faces: KnownFaces) -> MeshRegistration:
    return MeshRegistration.fitted(faces.meshes, faces.pose, faces.landmarks68, AS_THEY_ARE)


def test_each_vertex_has_a_partner_of_its_own_on_the_other_side() -> None:
    for part in PARTS.values():
        partner = dict(zip(part.vertices, part.mirrored_vertices, strict=True))
        assert len(set(partner)) == len(set(partner.values())) == len(part.vertices)
        back = dict(zip(part.mirrored_vertices, part.vertices))
        assert all(back.get(other, one) == one for one, other in partner.items())
    mouth = PARTS["mouth"]
    assert set(mouth.vertices) == set(mouth.mirrored_vertices)


def test_the_rule_is_found_for_both_eyes_and_the_mouth(
    faces: KnownFaces, registration: MeshRegistration
) -> None:
    assert np.median(faces.miss_cm(registration)) < 0.02


def test_one_face_wrongly_annotated_does_not_count(faces: KnownFaces) -> None:
    landmarks68 = faces.landmarks68.copy()
    landmarks68[7] += 300
    found = MeshRegistration.fitted(faces.meshes, faces.pose, landmarks68, AS_THEY_ARE)
    assert np.median(faces.miss_cm(found)) < 0.02


def test_what_is_told_moves_turns_and_grows_with_the_face(
    faces: KnownFaces, registration: MeshRegistration
) -> None:
    told = registration.eyes_and_lips(faces.meshes, faces.pose)
    turn = Rotation.from_euler("z", 25, degrees=True).as_matrix().astype(np.float32)
    shift = np.array([40, -7, 3], np.float32)
    meshes = 3 * faces.meshes @ turn.T + shift
    pose = Pose(
        turn @ faces.pose.rotation,
        3 * faces.pose.scale,
        3 * faces.pose.translation @ turn.T + shift,
    )
    expected = 3 * told @ turn[:2, :2].T + shift[:2]
    np.testing.assert_allclose(registration.eyes_and_lips(meshes, pose), expected, atol=0.05)


def test_stretched_heights_differ_more_from_their_mean(
    faces: KnownFaces, registration: MeshRegistration
) -> None:
    wider = MeshRegistration.fitted(
        faces.meshes, faces.pose, faces.landmarks68, {"eye": 1.5, "mouth": 1.0}
    )
    level = Pose(
        np.tile(np.diag([1.0, -1, -1]).astype(np.float32), (FACES, 1, 1)),
        np.ones(FACES, np.float32),
        np.zeros((FACES, 3), np.float32),
    )
    offset = (faces.meshes - faces.pose.translation[:, None]) / faces.pose.scale[:, None, None]
    meshes = level.apply((offset @ faces.pose.rotation).astype(np.float32))

    def heights(registration: MeshRegistration) -> FloatArray:
        eye = registration.eyes_and_lips(meshes, level)[:, :6, 1]
        return eye - meshes[:, list(PARTS["eye"].vertices), 1].mean(axis=1, keepdims=True)

    spread = heights(wider).std(axis=0) / heights(registration).std(axis=0)
    np.testing.assert_allclose(spread, 1.5, atol=0.02)
    means = heights(wider).mean(axis=0) - heights(registration).mean(axis=0)
    np.testing.assert_allclose(means, 0, atol=0.05)


def test_what_is_written_is_read(
    faces: KnownFaces, registration: MeshRegistration, tmp_path: Path
) -> None:
    registration.write(tmp_path / "mesh.json")
    read = MeshRegistration.load(tmp_path / "mesh.json")
    told = registration.eyes_and_lips(faces.meshes, faces.pose)
    np.testing.assert_allclose(read.eyes_and_lips(faces.meshes, faces.pose), told, atol=0.1)


@pytest.mark.parametrize(
    "content", ["", "[]", json.dumps({"eye": 1}), json.dumps({"eye": {"constant": [1]}})]
)
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "mesh.json").write_text(content)
    with pytest.raises(FaceModelError, match=r"mesh\.json: not a registration"):
        MeshRegistration.load(tmp_path / "mesh.json")


def test_a_file_of_another_size_is_named(registration: MeshRegistration, tmp_path: Path) -> None:
    registration.write(tmp_path / "mesh.json")
    stored = json.loads((tmp_path / "mesh.json").read_text())
    stored["eye"]["coefficients"].pop()
    (tmp_path / "mesh.json").write_text(json.dumps(stored))
    with pytest.raises(FaceModelError, match="eye's coefficients are not"):
        MeshRegistration.load(tmp_path / "mesh.json")
