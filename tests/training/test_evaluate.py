"""The AFLW2000-3D protocol on folders in its own format."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from edge_runtime import layout520
from edge_runtime.crop import CropRegion, to_crop_units
from training.aflw2000 import Aflw2000Error, AnnotatedFace, read_folder
from training.evaluate import evaluate

SIZE_PX = 64
YAWS_DEG = (0.0, -29.9, 30.1, 59.0, -60.1, 104.0)  # the protocol counts past 90 with 60-90


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six black photos of the mean face, each with its own place, size and yaw label."""
    for number, yaw_deg in enumerate(YAWS_DEG):
        name = f"image{number:05d}"
        cv2.imwrite(str(tmp_path / f"{name}.jpg"), np.zeros((200, 220, 3), np.uint8))
        points = layout520().mean_shape[:68] * (60 + 10 * number) + (100 + number, 90, 0)
        pose = np.array([[0.1, np.radians(yaw_deg), 0.2, 0, 0, 0, 1]])
        savemat(tmp_path / f"{name}.mat", {"pt3d_68": points.T, "Pose_Para": pose})
    return tmp_path


class Oracle:
    """Knows the truth of each face in turn and answers it, moved by a share of the box."""

    def __init__(self, faces: list[AnnotatedFace], shifts: list[float]) -> None:
        self._answers = []
        for face, shift in zip(faces, shifts):
            region = CropRegion.around_landmarks(face.landmarks68)
            extent = np.ptp(face.landmarks68[:, :2], axis=0)
            moved = face.landmarks68.copy()
            moved[:, 0] += shift * np.sqrt(extent.prod())
            self._answers.append(to_crop_units(region.to_crop(moved, SIZE_PX), SIZE_PX))

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        return np.stack([self._answers.pop(0) for _ in crops])


def test_the_truth_scores_zero(folder: Path) -> None:
    faces = list(read_folder(folder))
    result = evaluate(faces, Oracle(faces, [0] * 6), SIZE_PX)
    assert result.headline_nme_percent == pytest.approx(0, abs=1e-3)


def test_bins_are_averaged_before_the_headline(folder: Path) -> None:
    faces = list(read_folder(folder))
    result = evaluate(faces, Oracle(faces, [0.01, 0.03, 0.04, 0.06, 0.08, 0.10]), SIZE_PX)
    assert [one.faces for one in result.bins] == [2, 2, 2]
    np.testing.assert_allclose([one.nme_percent for one in result.bins], [2, 5, 9], atol=1e-3)
    assert result.headline_nme_percent == pytest.approx(16 / 3, abs=1e-3)


def test_an_empty_bin_is_left_out_of_the_headline(folder: Path) -> None:
    faces = list(read_folder(folder))[:4]
    result = evaluate(faces, Oracle(faces, [0.01, 0.01, 0.03, 0.03]), SIZE_PX)
    assert result.headline_nme_percent == pytest.approx(2, abs=1e-3)
    assert result.bins[2].faces == 0


def test_an_image_without_annotation_is_not_dropped_in_silence(folder: Path) -> None:
    (folder / "image00003.mat").unlink()
    with pytest.raises(Aflw2000Error, match=r"image00003\.jpg: has no annotation"):
        list(read_folder(folder))


def test_an_annotation_of_another_kind_is_named(folder: Path) -> None:
    savemat(folder / "image00002.mat", {"points": np.zeros(3)})
    with pytest.raises(Aflw2000Error, match=r"image00002\.mat.*pt3d_68"):
        list(read_folder(folder))


def test_a_damaged_annotation_is_named(folder: Path) -> None:
    (folder / "image00002.mat").write_bytes(b"MATLAB 5.0 MAT-file" + b"\x01" * 200)
    with pytest.raises(Aflw2000Error, match=r"image00002\.mat"):
        list(read_folder(folder))


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Aflw2000Error, match=r"holds no \.jpg"):
        list(read_folder(tmp_path))


def test_the_sample_has_its_published_make_up(real_data: Path) -> None:
    faces = list(read_folder(real_data / "aflw2000_sample"))
    assert len(faces) == 200
    assert all(face.landmarks68.shape == (68, 3) for face in faces)
    frontal = [face for face in faces if abs(face.yaw_deg) < 30]
    assert len(frontal) == 139
