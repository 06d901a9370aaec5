"""The paper's index files: read, checked, and made into a layout."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.layout import has_mirror_pairs, layout520, mirror_error, read_layout
from tests.command import run_main
from training import ibug68
from training.errors import IndexFileError, PositionMapError
from training.face.position_map_folder import PositionMapFolder
from training.layout.imported_layout import import_layout, mirror_pairs
from training.layout.index_files import IndexFiles

SIDE = 256
FACE_FILE, KEYPOINT_FILE = "face_ind.txt", "uv_kpt_ind.txt"
POINTS_FILE, IBUG68_FILE = "vertices_520_sel_from_blender.txt", "vertices_68_fil_520.txt"


@pytest.fixture
def index_folder(tmp_path: Path) -> Path:
    """The shipped layout's points, each at its nearest texel, as index files."""
    folder = tmp_path / "index"
    folder.mkdir()
    uv = layout520().uv
    texels = np.round(np.stack([uv[:, 0], 1 - uv[:, 1]], axis=-1) * (SIDE - 1)).astype(int)
    face = np.setdiff1d(np.arange(SIDE * SIDE), np.arange(0, SIDE * SIDE, 999))
    flat = texels[:, 1] * SIDE + texels[:, 0]
    face = np.union1d(face, flat)
    vertices = np.searchsorted(face, flat)
    # As in the release: vertices in ascending order, numbers in the form 1.285000e+03.
    np.savetxt(folder / FACE_FILE, face)
    np.savetxt(folder / POINTS_FILE, np.sort(vertices))
    np.savetxt(folder / IBUG68_FILE, np.argsort(np.argsort(vertices))[:68])
    np.savetxt(folder / KEYPOINT_FILE, texels[:68].T)
    return folder


def test_the_68_landmarks_come_first(index_folder: Path) -> None:
    files = IndexFiles.read(index_folder)
    assert len(files.texels) == 520
    np.testing.assert_allclose(files.uv[:68], layout520().uv[:68], atol=0.51 / (SIDE - 1))
    # The others follow in the file's own order, and order leads back to it.
    face, points = (
        np.loadtxt(index_folder / name).astype(int) for name in (FACE_FILE, POINTS_FILE)
    )
    flat = files.texels[:, 1] * SIDE + files.texels[:, 0]
    np.testing.assert_array_equal(flat, face[points[files.order]])
    assert (np.diff(files.order[68:]) > 0).all()


def test_prnets_own_68_may_be_absent(index_folder: Path) -> None:
    (index_folder / KEYPOINT_FILE).unlink()
    assert len(IndexFiles.read(index_folder).texels) == 520


def test_a_layout_of_the_same_points_is_the_shipped_one(
    index_folder: Path, map_folder: Path
) -> None:
    files = IndexFiles.read(index_folder)
    imported = import_layout(files, PositionMapFolder(map_folder))
    layout, shipped = imported.layout, layout520()
    # Point i of the import is the shipped layout's nearest in UV.
    nearest = np.linalg.norm(layout.uv[:, None] - shipped.uv, axis=-1).argmin(axis=1)
    np.testing.assert_array_equal(nearest[:68], np.arange(68))
    distance = np.linalg.norm(layout.mean_shape - shipped.mean_shape[nearest], axis=1)
    assert np.median(distance) < 0.01 and distance.max() < 0.08
    assert (nearest[layout.mirror] == shipped.mirror[nearest]).mean() > 0.98
    assert abs(len(layout.triangles) - len(shipped.triangles)) < 60
    assert imported.faces == 24 and has_mirror_pairs(layout)


def test_the_layout_is_whole(index_folder: Path, map_folder: Path) -> None:
    layout = import_layout(IndexFiles.read(index_folder), PositionMapFolder(map_folder)).layout
    assert layout.reference == "paper520/1"
    np.testing.assert_array_equal(layout.mirror[layout.mirror], np.arange(520))
    np.testing.assert_array_equal(layout.mirror[:68], ibug68.mirror_order())
    assert {i for region in layout.regions.values() for i in region} == set(range(520))
    a, b, c = (layout.mean_shape[layout.triangles[:, corner]] for corner in range(3))
    assert (np.cross(b - a, c - a)[:, 2] < 0).mean() > 0.9
    np.testing.assert_allclose(layout.mean_shape.mean(axis=0), 0, atol=1e-5)


def test_the_shipped_layout_mirrors_and_a_shifted_one_does_not() -> None:
    shipped = layout520()
    assert has_mirror_pairs(shipped) and mirror_error(shipped).max() < 0.05
    side = shipped.mean_shape[:, :1] > 0.1
    shifted = replace(shipped, mean_shape=shipped.mean_shape + side * np.array([0, 0.04, 0]))
    assert not has_mirror_pairs(shifted)


def test_points_without_a_partner_are_still_paired() -> None:
    rng = np.random.default_rng(5)
    shape = np.concatenate([layout520().mean_shape[:68], rng.uniform(-0.4, 0.4, (51, 3))])
    mirror = mirror_pairs(shape.astype(np.float32))
    np.testing.assert_array_equal(mirror[mirror], np.arange(119))


@pytest.mark.parametrize(
    "name, change, complaint",
    [
        (FACE_FILE, lambda n: n + 65536, r"face_ind\.txt: index \d+ is out of range, .* 65535"),
        (FACE_FILE, lambda n: n[:300], r"vertices_520\w*\.txt: index \d+ is out of range"),
        (FACE_FILE, lambda n: n - 0.5, r"face_ind\.txt: expected whole numbers"),
        (POINTS_FILE, lambda n: n[:-1], r"vertices_520\w*\.txt: expected 520 numbers, got \(519"),
        (POINTS_FILE, lambda n: np.append(n[:-1], n[0]), "names some points twice"),
        (IBUG68_FILE, lambda n: n + 520, r"vertices_68\w*\.txt: index \d+ is out of range"),
        (IBUG68_FILE, lambda n: n[:67], "expected 68 numbers"),
        # Counted from 1 instead of 0, and columns taken for rows.
        (POINTS_FILE, lambda n: np.minimum(n + 3, 65000), "puts landmark"),
        (KEYPOINT_FILE, lambda n: n[::-1], r"uv_kpt_ind\.txt: puts landmark"),
        (KEYPOINT_FILE, lambda n: n.T, r"uv_kpt_ind\.txt: expected 2 rows of 68"),
    ],
)
def test_wrong_index_files_are_named(
    index_folder: Path, name: str, change: Callable[[np.ndarray], np.ndarray], complaint: str
) -> None:
    np.savetxt(index_folder / name, change(np.loadtxt(index_folder / name)))
    with pytest.raises(IndexFileError, match=complaint):
        IndexFiles.read(index_folder)


def test_a_missing_index_file_and_a_text_are_named(index_folder: Path) -> None:
    (index_folder / FACE_FILE).write_text("404: Not Found\n")
    with pytest.raises(IndexFileError, match=r"face_ind\.txt: not a text file of numbers"):
        IndexFiles.read(index_folder)
    (index_folder / FACE_FILE).unlink()
    with pytest.raises(IndexFileError, match=r"face_ind\.txt: no such file"):
        IndexFiles.read(index_folder)


def test_maps_of_another_uv_are_refused(
    index_folder: Path, map_folder: Path, tmp_path: Path
) -> None:
    for source in list(map_folder.rglob("*.npy"))[:3]:
        np.save(tmp_path / source.name, np.rot90(np.load(source)))
        shutil.copy(source.with_suffix(".jpg"), tmp_path)
    with pytest.raises(PositionMapError, match="Take maps of face3d or PRNet"):
        import_layout(IndexFiles.read(index_folder), PositionMapFolder(tmp_path))


def test_the_command_writes_a_layout_file(index_folder: Path, map_folder: Path) -> None:
    output, picture = index_folder / "layout.json", index_folder / "missing" / "layout.png"
    given = ("--position-maps", map_folder, "-o", output, "--picture", picture)
    done = run_main("training", "import-layout", index_folder, *given)
    assert done.returncode == 0, done.stderr
    assert "mean face of 24 maps" in done.stdout
    assert len(read_layout(output)) == 520
    assert picture.read_bytes().startswith(b"\x89PNG")
    order = json.loads(output.read_text())["source_order"]
    assert order[:68] == np.loadtxt(index_folder / IBUG68_FILE).astype(int).tolist()
    assert sorted(order) == list(range(520))
