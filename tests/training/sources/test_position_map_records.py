"""Datasets from position maps: where the landmarks land, what is held out, what is refused."""

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.layout import LAYOUT520_PATH, layout520
from edge_runtime.pose import HeadPose, rotation_of_pose
from training.dataset.records import FaceRecord
from training.errors import PositionMapError
from training.face.position_map_folder import PositionMapFolder, choose_held_out
from training.sources.position_map_records import PositionMapSources


@pytest.fixture
def one_face(tmp_path: Path, write_map: Callable[[Path, float], None]) -> Path:
    """A folder that may be spoilt."""
    write_map(tmp_path / "maps" / "face.npy", 30)
    return tmp_path / "maps"


def read(folder: Path, name: str = "face") -> FaceRecord:
    return PositionMapSources(folder, LAYOUT520_PATH).open().read(name)[0]


@pytest.mark.parametrize("yaw_deg", [-80, -30, 0, 45])
def test_landmarks_lie_where_the_head_was_put(
    tmp_path: Path, write_map: Callable[[Path, float], None], yaw_deg: float
) -> None:
    write_map(tmp_path / "face.npy", yaw_deg)
    record = read(tmp_path)
    rotation = rotation_of_pose(HeadPose(yaw_deg, 5, -10))
    expected = layout520().mean_shape @ rotation.T * 110 + (128, 128, 0)
    expected[:, 2] -= expected[:, 2].mean()
    distance = np.linalg.norm(record.landmarks - expected, axis=1)
    assert np.median(distance) < 0.1 and distance.max() < 1.5
    assert abs(record.yaw_deg - yaw_deg) < 0.5
    assert abs(record.landmarks[:, 2].mean()) < 1e-3


def test_yaw_has_the_sign_of_fitted_photos(one_face: Path) -> None:
    record = read(one_face)
    # Turned to the picture's right, the nose tip lies right of the face's middle.
    assert record.yaw_deg > 0
    assert record.landmarks[30, 0] > record.landmarks[:, 0].mean()
    assert record.landmarks[30, 2] < record.landmarks[[0, 16], 2].min()


def test_the_photo_is_kept_byte_for_byte(one_face: Path) -> None:
    assert read(one_face).encoded_image == (one_face / "face.jpg").read_bytes()


def test_the_subfolder_is_part_of_the_name(map_folder: Path) -> None:
    names = PositionMapFolder(map_folder).names()
    assert len(names) == 24 and names[0] == "A/face_00"


def test_turned_copies_of_a_300w_photo_are_not_split() -> None:
    names = tuple(
        f"{folder}/{folder.split('_')[0]}_{photo}_{pose}"
        for folder in ("AFW", "AFW_Flip", "HELEN")
        for photo in range(400)
        for pose in range(5)
    )
    held_out = choose_held_out(names)
    share = {name.rsplit("/")[1].rsplit("_", 1)[0]: held for name, held in zip(names, held_out)}
    assert all(
        share[name.rsplit("/")[1].rsplit("_", 1)[0]] == h for name, h in zip(names, held_out)
    )
    assert 0.03 < held_out.mean() < 0.07


def test_more_maps_leave_the_earlier_ones_where_they_are() -> None:
    names = tuple(f"face_{number}" for number in range(1000))
    np.testing.assert_array_equal(choose_held_out(names)[:700], choose_held_out(names[:700]))


def test_few_maps_hold_one_out() -> None:
    assert choose_held_out(("a", "b", "c")).sum() == 1


@pytest.mark.parametrize(
    "column, complaint",
    [
        (0, "left and right are exchanged"),
        (1, "the face stands on its head"),
        (2, "the nose lies behind the ears"),
    ],
)
def test_a_flipped_axis_is_named(one_face: Path, column: int, complaint: str) -> None:
    stored = np.load(one_face / "face.npy")
    stored[..., column] = stored[..., column].max() - stored[..., column]
    np.save(one_face / "face.npy", stored)
    with pytest.raises(PositionMapError, match=rf"face\.npy: {complaint}"):
        read(one_face)


def test_a_head_upside_down_and_turned_away_is_refused(one_face: Path) -> None:
    stored = np.load(one_face / "face.npy")
    stored[..., 1:] = 255 - stored[..., 1:]
    np.save(one_face / "face.npy", stored)
    with pytest.raises(PositionMapError, match="looks away from the viewer"):
        read(one_face)


def test_positions_in_parts_of_the_photo_are_refused(one_face: Path) -> None:
    np.save(one_face / "face.npy", np.load(one_face / "face.npy") / 255)
    with pytest.raises(PositionMapError, match=r"px large\. Expected positions in px"):
        read(one_face)


def test_positions_of_the_uncut_photo_are_refused(one_face: Path) -> None:
    moved = np.load(one_face / "face.npy") + np.array([300, 0, 0])
    np.save(one_face / "face.npy", moved)
    with pytest.raises(PositionMapError, match="lies outside its photo"):
        read(one_face)


def test_the_uncut_photo_is_refused(one_face: Path) -> None:
    cv2.imwrite(str(one_face / "face.jpg"), np.zeros((450, 450, 3), np.uint8))
    with pytest.raises(PositionMapError, match=r"face\.jpg: is 450x450, its map 256x256"):
        read(one_face)


def test_a_damaged_photo_is_named(one_face: Path) -> None:
    (one_face / "face.jpg").write_bytes(b"no photo")
    with pytest.raises(PositionMapError, match=r"face\.jpg: not a decodable image"):
        read(one_face)


def test_random_positions_are_no_face(one_face: Path) -> None:
    np.save(one_face / "face.npy", np.random.default_rng(3).uniform(0, 255, (256, 256, 3)))
    with pytest.raises(PositionMapError, match="make no face"):
        read(one_face)


def test_nan_is_refused(one_face: Path) -> None:
    stored = np.load(one_face / "face.npy")
    stored[100, 100, 1] = np.nan
    np.save(one_face / "face.npy", stored)
    with pytest.raises(PositionMapError, match=r"face\.npy: holds positions that are not finite"):
        read(one_face)


def test_an_archive_under_the_name_of_a_map_is_refused(one_face: Path) -> None:
    np.savez(one_face / "face.npz", map=np.zeros(3))
    (one_face / "face.npz").rename(one_face / "face.npy")
    with pytest.raises(PositionMapError, match=r"face\.npy: holds no array"):
        read(one_face)


def test_a_lost_photo_is_named(map_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(map_folder, tmp_path / "maps"))
    (folder / "B" / "face_03.jpg").unlink()
    with pytest.raises(PositionMapError, match=r"B/face_03\.npy: has no photo face_03\.jpg"):
        PositionMapSources(folder, LAYOUT520_PATH).held_out()


def test_an_empty_and_an_absent_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(PositionMapError, match="holds no position map"):
        PositionMapSources(tmp_path, LAYOUT520_PATH).held_out()
    with pytest.raises(PositionMapError, match="nowhere: no such folder"):
        PositionMapSources(tmp_path / "nowhere", LAYOUT520_PATH).held_out()


def test_a_single_face_is_too_few(one_face: Path) -> None:
    with pytest.raises(PositionMapError, match="maps of one photo only"):
        PositionMapSources(one_face, LAYOUT520_PATH).held_out()


def test_maps_of_another_uv_are_refused(
    map_folder: Path, tmp_path: Path, mean_face_map: np.ndarray
) -> None:
    columns, rows = np.meshgrid(np.arange(256, dtype=np.float32), np.arange(256, dtype=np.float32))
    for source in map_folder.rglob("*.npy"):
        squeezed = 127.5 + (columns - 127.5) * 0.8, 20 + rows * 0.7
        stored = cv2.remap(np.load(source), *squeezed, cv2.INTER_LINEAR)
        np.save(tmp_path / source.name, stored)
        shutil.copy(source.with_suffix(".jpg"), tmp_path)
    with pytest.raises(PositionMapError, match="Pass the layout made for this UV"):
        PositionMapSources(tmp_path, LAYOUT520_PATH).held_out()


def test_the_sources_hash_follows_the_files(map_folder: Path, tmp_path: Path) -> None:
    before = PositionMapSources(map_folder, LAYOUT520_PATH).hashes()
    folder = Path(shutil.copytree(map_folder, tmp_path / "maps"))
    assert PositionMapSources(folder, LAYOUT520_PATH).hashes() == before
    (folder / "A" / "face_00.npy").unlink()
    assert PositionMapSources(folder, LAYOUT520_PATH).hashes() != before
