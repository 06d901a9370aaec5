"""Fitted photos: the warp that passes through the landmarks, yaw, and files that do not fit."""

from pathlib import Path

import numpy as np
import pytest

from training.errors import FittedPhotosError
from training.face.face_model import FaceModel
from training.fitting.fitted_photos import FittedPhotos, landmark_warp


@pytest.fixture(scope="module")
def photos(fitted_photos_paths: tuple[Path, Path]) -> FittedPhotos:
    return FittedPhotos.load(*fitted_photos_paths)


def test_the_warp_moves_landmarks_by_their_residual(face_model_path: Path) -> None:
    model = FaceModel.load(face_model_path)
    residual = np.random.default_rng(0).normal(0, 2, (68, 3)).astype(np.float32)
    moved = model.landmarks68(landmark_warp(model) @ residual)
    np.testing.assert_allclose(moved, residual, atol=0.01)


def test_the_warp_of_a_shift_is_that_shift(face_model_path: Path) -> None:
    warp = landmark_warp(FaceModel.load(face_model_path))
    shift = np.tile(np.array([1, -2, 3], np.float32), (68, 1))
    np.testing.assert_allclose(warp @ shift, np.tile(shift[:1], (len(warp), 1)), atol=0.01)


def test_yaw_is_the_turn_of_the_face(photos: FittedPhotos) -> None:
    # A face that looks along +x of the image has its forward axis there.
    forward = photos.pose.rotation[:, :, 2]
    expected = np.degrees(np.arctan2(forward[:, 0], -forward[:, 2]))
    np.testing.assert_allclose(photos.yaw_deg, expected, atol=1e-4)
    assert np.abs(photos.yaw_deg).max() > 45


def test_images_come_as_rgb_in_order(photos: FittedPhotos) -> None:
    first, again = list(photos.images([0, 0]))
    assert first.shape == (160, 160, 3) and first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)


def test_fits_without_an_array_are_refused(
    tmp_path: Path, fitted_photos_paths: tuple[Path, Path]
) -> None:
    zip_path, fits_path = fitted_photos_paths
    with np.load(fits_path) as archive:
        arrays = {name: archive[name] for name in archive.files if name != "scale"}
    np.savez(tmp_path / "fits.npz", **arrays)
    with pytest.raises(FittedPhotosError, match="lacks scale"):
        FittedPhotos.load(zip_path, tmp_path / "fits.npz")


def test_photos_that_are_not_in_the_zip_are_named(
    tmp_path: Path, fitted_photos_paths: tuple[Path, Path]
) -> None:
    zip_path, fits_path = fitted_photos_paths
    with np.load(fits_path) as archive:
        arrays = dict(archive)
    arrays["name"] = np.array(["other.png", *arrays["name"][1:]])
    np.savez(tmp_path / "fits.npz", **arrays)
    with pytest.raises(FittedPhotosError, match=r"other\.png"):
        FittedPhotos.load(zip_path, tmp_path / "fits.npz")


@pytest.mark.parametrize("damaged", [0, 1])
def test_a_damaged_file_is_refused(
    tmp_path: Path, fitted_photos_paths: tuple[Path, Path], damaged: int
) -> None:
    paths = list(fitted_photos_paths)
    whole = paths[damaged].read_bytes()
    paths[damaged] = tmp_path / "half"
    paths[damaged].write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FittedPhotosError, match="unreadable"):
        FittedPhotos.load(*paths)
