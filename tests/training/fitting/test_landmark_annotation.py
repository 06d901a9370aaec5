"""68 landmarks beside a photo: formats, pixel conventions, and files that hold something else."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from training.errors import LandmarkAnnotationError
from training.fitting.landmark_annotation import annotation_beside

POINTS = np.random.default_rng(0).uniform(10, 90, (68, 2)).astype(np.float32)


def pts_text(points: np.ndarray) -> str:
    lines = "\n".join(f"{x:.4f} {y:.4f}" for x, y in points)
    return f"version: 1\nn_points:  {len(points)}\n{{\n{lines}\n}}\n"


def test_without_a_file_there_is_none(tmp_path: Path) -> None:
    assert annotation_beside(tmp_path / "photo.jpg") is None


def test_pts_counts_pixels_from_one(tmp_path: Path) -> None:
    (tmp_path / "photo.pts").write_text(pts_text(POINTS + 1))
    annotation = annotation_beside(tmp_path / "photo.jpg")
    assert annotation is not None and annotation.on_outline
    np.testing.assert_allclose(annotation.points, POINTS, atol=1e-3)


def test_mat_goes_before_pts_and_shows_hidden_jaws(tmp_path: Path) -> None:
    (tmp_path / "photo.pts").write_text(pts_text(POINTS + 1))
    savemat(tmp_path / "photo.mat", {"pt3d_68": np.vstack([POINTS.T, np.zeros(68)])})
    annotation = annotation_beside(tmp_path / "photo.jpg")
    assert annotation is not None and not annotation.on_outline
    np.testing.assert_allclose(annotation.points, POINTS)


@pytest.mark.parametrize("suffix", [".PTS", ".MAT"])
def test_names_in_capitals_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"PHOTO{suffix}"
    if suffix == ".PTS":
        path.write_text(pts_text(POINTS + 1))
    else:
        with path.open("wb") as file:
            savemat(file, {"pt2d": POINTS.T})
    annotation = annotation_beside(tmp_path / "PHOTO.JPG")
    assert annotation is not None
    np.testing.assert_allclose(annotation.points, POINTS, atol=1e-3)


def test_a_landmark_of_mat_that_is_no_number_is_named(tmp_path: Path) -> None:
    points = POINTS.T.astype(float)
    points[0, 3] = np.nan
    savemat(tmp_path / "photo.mat", {"pt3d_68": np.vstack([points, np.zeros(68)])})
    with pytest.raises(LandmarkAnnotationError, match=r"photo\.mat: pt3d_68\[0, 3\] is nan, not"):
        annotation_beside(tmp_path / "photo.jpg")


def test_mat_with_flat_landmarks(tmp_path: Path) -> None:
    savemat(tmp_path / "photo.mat", {"pt2d": POINTS.T})
    annotation = annotation_beside(tmp_path / "photo.png")
    assert annotation is not None and annotation.on_outline
    np.testing.assert_allclose(annotation.points, POINTS)


@pytest.mark.parametrize(
    "content, complaint",
    [
        ("hello", "not readable"),
        (pts_text(POINTS[:51]), "holds 51 points"),
        (pts_text(POINTS).replace("\n}", ""), "not in 300W's format"),
        (pts_text(POINTS).replace(".", ",", 1), "not readable"),
        (pts_text(np.where(np.arange(68)[:, None] == 3, np.nan, POINTS)), "is no number"),
    ],
)
def test_other_pts_files_are_refused(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "photo.pts").write_text(content)
    with pytest.raises(LandmarkAnnotationError, match=rf"photo\.pts: .*{complaint}"):
        annotation_beside(tmp_path / "photo.jpg")


def test_a_mat_that_is_cut_off_is_named_wherever_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "photo.mat"
    savemat(path, {"pt3d_68": np.vstack([POINTS.T, np.zeros(68)])})
    whole = path.read_bytes()
    for length in range(0, len(whole), 13):
        path.write_bytes(whole[:length])
        with pytest.raises(LandmarkAnnotationError, match=r"photo\.mat: "):
            annotation_beside(tmp_path / "photo.jpg")


@pytest.mark.parametrize(
    "content, complaint", [(b"not matlab", "not readable"), (None, "neither pt3d_68")]
)
def test_other_mat_files_are_refused(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "photo.mat"
    if content is None:
        savemat(path, {"pt2d": POINTS[:21].T})
    else:
        path.write_bytes(content)
    with pytest.raises(LandmarkAnnotationError, match=rf"photo\.mat: .*{complaint}"):
        annotation_beside(tmp_path / "photo.jpg")
