"""ICT FaceKit's folder as a face model file."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.command import run_main
from training.errors import FaceModelError
from training.face.face_kit import REGIONS, FaceKit
from training.face.face_model import FaceModel
from training.face.obj_mesh import ObjMesh

COUNT = REGIONS["head"]
COLUMNS = 97  # of the full face's grid, which fills the unit square of UV: 97 * 97 vertices


def _grids() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices, UV and quads: a face of 97x97 vertices, and behind it 1839 of a head."""
    vertices, uv, quads, first = [], [], [], 0
    for rows, columns, tile in ((COLUMNS, COLUMNS, 0), (1839 // 3, 3, 1)):
        u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
        u, v = u.ravel(), v.ravel()
        vertices.append(
            np.stack([16 * (u - 0.5), 20 * v - 10, 5 - 20 * (u - 0.5) ** 2 - 9 * tile], 1)
        )
        uv.append(np.stack([u + tile, v], axis=1))
        corner = first + np.arange(rows * columns).reshape(rows, columns)
        cells = (corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1])
        quads.append(np.stack([cell.ravel() for cell in cells], axis=1))
        first += rows * columns
    return np.concatenate(vertices), np.concatenate(uv), np.concatenate(quads)


VERTICES, UV, QUADS = _grids()


def write_obj(path: Path, vertices: np.ndarray, polygons: bool = True) -> None:
    teeth = np.array([[0, 0, 4], [1, 0, 4], [1, 1, 4]])
    lines = ["mtllib material.mtl", "# a comment"]
    lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in np.concatenate([vertices, teeth])]
    if polygons:
        lines += [f"vt {u:.6f} {v:.6f}" for u, v in UV] + ["usemtl skin"]
        lines += ["f " + " ".join(f"{i + 1}/{i + 1}" for i in quad) for quad in QUADS]
        lines += [f"f {COUNT + 1}/1 {COUNT + 2}/2 {COUNT + 3}/3"]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of FaceKit's form with two identities and two expressions."""
    folder = tmp_path_factory.mktemp("kit") / "FaceXModel"
    folder.mkdir()
    write_obj(folder / "generic_neutral_mesh.obj", VERTICES)
    write_obj(folder / "identity000.obj", VERTICES * (1.25, 1, 1), polygons=False)
    write_obj(folder / "identity001.obj", VERTICES + np.array([0, 0, 0.5]), polygons=False)
    write_obj(folder / "jawOpen.obj", VERTICES - (0, 1, 0), polygons=False)
    write_obj(folder / "eyeLookUp_L.obj", VERTICES, polygons=False)
    names = {"expressions": ["jawOpen", "eyeLookUp_L"]}
    (folder / "vertex_indices.json").write_text(json.dumps(names))
    return folder


@pytest.fixture
def linked(kit: Path, tmp_path: Path) -> Path:
    """The same folder, to take files from."""
    for path in kit.iterdir():
        os.link(path, tmp_path / path.name)
    return tmp_path


@pytest.fixture(scope="module")
def model(kit: Path, tmp_path_factory: pytest.TempPathFactory) -> FaceModel:
    return FaceKit.read(kit).write(tmp_path_factory.mktemp("npz") / "face_model.npz")


def test_the_full_face_is_kept_in_file_order(model: FaceModel) -> None:
    np.testing.assert_allclose(model.neutral, VERTICES[: REGIONS["full_face"]], atol=1e-5)
    assert len(model.triangles) == 2 * 96 * 96
    np.testing.assert_array_equal(model.triangles[0], QUADS[0, :3])
    assert model.mask_vertex_count == REGIONS["face_mask"]


def test_modes_are_differences_to_the_neutral_face(model: FaceModel) -> None:
    assert model.expression_names == ("jawOpen", "eyeLookUp_L")
    wider = 0.25 * VERTICES[: REGIONS["full_face"], 0]
    np.testing.assert_allclose(model.identity_modes[0, :, 0], wider, atol=2 / 127)
    np.testing.assert_allclose(model.expression_modes[0, :, 1], -1, atol=1e-5)
    assert not model.expression_modes[1].any()


def test_landmarks_lie_on_the_mesh_in_their_order(model: FaceModel) -> None:
    landmarks = model.landmarks68(model.neutral)
    assert (model.landmark68_weights >= 0).all()
    np.testing.assert_allclose(model.landmark68_weights.sum(axis=1), 1, atol=1e-5)
    assert landmarks[8, 1] < landmarks[57, 1] < landmarks[30, 1] < landmarks[27, 1]
    assert landmarks[36, 0] < landmarks[39, 0] < 0 < landmarks[42, 0] < landmarks[45, 0]


def test_the_real_model_comes_back_from_obj_files(real_data: Path, tmp_path: Path) -> None:
    with np.load(real_data / "face_model.npz") as archive:
        arrays = {name: archive[name] for name in archive.files}
    pairs = arrays["triangles"].reshape(-1, 2, 3)
    quads = np.concatenate([pairs[:, 0], pairs[:, 1, 2:]], axis=1) + 1
    neutral = arrays["neutral"]
    texture = [f"vt {u:.6f} {v:.6f}" for u, v in arrays["uv"]]
    faces = ["f " + " ".join(f"{i}/{i}" for i in quad) for quad in quads]

    def write(name: str, vertices: np.ndarray) -> None:
        lines = [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in vertices]
        (tmp_path / f"{name}.obj").write_text("\n".join(lines + texture + faces))

    write("generic_neutral_mesh", neutral)
    write("identity000", neutral + arrays["identity_q"][0] * arrays["identity_scale"][0])
    write("jawOpen", neutral + arrays["expression_q"][26] * arrays["expression_scale"][26])
    (tmp_path / "vertex_indices.json").write_text('{"expressions": ["jawOpen"]}')
    read = FaceKit.read(tmp_path).arrays
    np.testing.assert_array_equal(read["triangles"], arrays["triangles"])
    np.testing.assert_array_equal(read["uv"], arrays["uv"])
    np.testing.assert_array_equal(read["identity_q"][0], arrays["identity_q"][0])
    places = [
        np.einsum("kcd,kc->kd", neutral[a["landmark68_vertices"]], a["landmark68_weights"])
        for a in (read, arrays)
    ]
    np.testing.assert_allclose(*places, atol=1e-4)  # cm


@pytest.mark.parametrize(
    "lost, complaint",
    [
        ("generic_neutral_mesh.obj", "holds no generic_neutral_mesh.obj. Pass the folder"),
        ("vertex_indices.json", "holds no list of expressions"),
        ("identity000.obj", "identity000.obj: missing, the identity modes have a gap"),
        ("jawOpen.obj", "jawOpen.obj: no such OBJ file"),
    ],
)
def test_a_missing_file_is_named(linked: Path, lost: str, complaint: str) -> None:
    (linked / lost).unlink()
    with pytest.raises(FaceModelError) as raised:
        FaceKit.read(linked)
    assert complaint in str(raised.value)


def test_a_mesh_of_another_release_is_named(linked: Path) -> None:
    (linked / "identity001.obj").unlink()
    write_obj(linked / "identity001.obj", VERTICES[:-5], polygons=False)
    with pytest.raises(FaceModelError, match=r"identity001\.obj: has 11246 vertices"):
        FaceKit.read(linked)


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("v 1 2\n", "is not 3 numbers|holds no vertices"),
        ("v 1 2 x\n", "is not 3 numbers"),
        ("v 0 0 0\nvt 0 0\n", "holds no polygons"),
        ("v 0 0 0\nvt 0 0\nf 1/1 1/1 2/1\n", "names a corner that is not in the file"),
        ("v 0 0 0\nvt 0 0\nf -1/-1 -1/-1 -1/-1\n", "names a corner that is not in the file"),
        ("v 0 0 0\nvt 0 0\nf 1 1 1\n", "is not of vertex/texture pairs"),
        ("v 0 0 0\nvt 0 0\nf 1/1 1/1\n", "has 2 corners"),
    ],
)
def test_other_obj_files_are_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "mesh.obj").write_text(text)
    with pytest.raises(FaceModelError, match=rf"mesh\.obj: .*({complaint})"):
        ObjMesh.read(tmp_path / "mesh.obj")


def test_the_command_names_what_it_read(kit: Path, tmp_path: Path) -> None:
    output = tmp_path / "model.npz"
    done = run_main("training", "face-model", kit, "-o", output)
    assert done.returncode == 0, done.stderr
    assert "2 identities, 2 expressions, 9409 vertices of the full face" in done.stdout
    assert len(FaceModel.load(output).neutral) == 9409
