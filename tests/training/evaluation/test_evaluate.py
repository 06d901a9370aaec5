"""The AFLW2000-3D protocol on folders in its own format."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import loadmat, savemat

from edge_runtime import layout520
from edge_runtime.crop import CropRegion, to_crop_units
from training.errors import EvaluationError
from training.evaluation.aflw2000 import AnnotatedFace, read_folder
from training.evaluation.evaluate import evaluate
from training.evaluation.pictures import draw_worst_faces

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
    assert result.scores.headline_nme_percent == pytest.approx(0, abs=1e-3)


def test_bins_are_averaged_before_the_headline(folder: Path) -> None:
    faces = list(read_folder(folder))
    result = evaluate(faces, Oracle(faces, [0.01, 0.03, 0.04, 0.06, 0.08, 0.10]), SIZE_PX)
    assert [one.faces for one in result.scores.bins] == [2, 2, 2]
    np.testing.assert_allclose(
        [one.nme_percent for one in result.scores.bins], [2, 5, 9], atol=1e-3
    )
    assert result.scores.headline_nme_percent == pytest.approx(16 / 3, abs=1e-3)


def test_an_empty_bin_is_left_out_of_the_headline(folder: Path) -> None:
    faces = list(read_folder(folder))[:4]
    result = evaluate(faces, Oracle(faces, [0.01, 0.01, 0.03, 0.03]), SIZE_PX)
    assert result.scores.headline_nme_percent == pytest.approx(2, abs=1e-3)
    assert result.scores.bins[2].faces == 0 and result.scores.bins[2].nme_percent is None


def write_reannotated(folder: Path, moved: float) -> list[str]:
    """Labels of the folder's faces, moved by a share of the original box, in reversed order."""
    faces = list(read_folder(folder))[::-1]
    rows = []
    for face in faces:
        size = np.sqrt(np.ptp(face.landmarks68[:, :2], axis=0).prod())
        rows.append(face.landmarks68[:, :2].T + np.array([[moved * size], [0]]))
    np.save(folder / "reannotated_pts68.npy", np.array(rows, np.float32))
    names = [face.path.name for face in faces]
    (folder / "names.txt").write_text("\n".join(names) + "\n")
    return names


def test_without_reannotated_labels_there_is_no_such_score(folder: Path) -> None:
    faces = list(read_folder(folder))
    assert evaluate(faces, Oracle(faces, [0] * 6), SIZE_PX).reannotated_scores is None


def test_reannotated_labels_are_scored_on_the_same_crops_in_the_order_of_names(
    folder: Path,
) -> None:
    write_reannotated(folder, moved=0.02)
    faces = list(read_folder(folder))
    result = evaluate(faces, Oracle(faces, [0] * 6), SIZE_PX)
    again = result.reannotated_scores
    assert again is not None
    np.testing.assert_allclose(result.scores.nme_percent, 0, atol=1e-3)
    np.testing.assert_allclose(again.nme_percent, 2, atol=1e-3)
    assert [one.faces for one in again.bins] == [2, 2, 2]


def test_reannotated_errors_are_over_the_box_of_those_labels(folder: Path) -> None:
    write_reannotated(folder, moved=0)
    path = folder / "reannotated_pts68.npy"
    points = np.load(path)
    middle = points.mean(axis=2, keepdims=True)
    np.save(path, middle + 2 * (points - middle))
    faces = list(read_folder(folder))
    result = evaluate(faces, Oracle(faces, [0] * 6), SIZE_PX)
    # Every point is half the way out: the distance from the middle over twice the box.
    shape = layout520().mean_shape[:68, :2]
    away = np.linalg.norm(shape - shape.mean(axis=0), axis=1).mean()
    expected = 100 * away / (2 * np.sqrt(np.ptp(shape, axis=0).prod()))
    assert result.reannotated_scores is not None
    np.testing.assert_allclose(result.reannotated_scores.nme_percent, expected, rtol=1e-3)


@pytest.mark.parametrize(
    "shape, names, complaint",
    [
        ((6, 68, 2), None, r"float32 \(6, 68, 2\), expected floats \(6, 2, 68\)"),
        ((5, 2, 68), None, r"\(5, 2, 68\)"),
        ((6, 2, 68), ["image00009.jpg"], r"names\.txt: does not list the folder's images"),
        ((6, 2, 68), ["image00000.jpg"] * 6, r"names\.txt: does not list"),
        ((6, 2, 68), [], r"names\.txt: does not list"),
    ],
)
def test_reannotated_labels_of_other_images_are_refused(
    folder: Path, shape: tuple[int, ...], names: list[str] | None, complaint: str
) -> None:
    own_names = write_reannotated(folder, moved=0)
    np.save(folder / "reannotated_pts68.npy", np.zeros(shape, np.float32))
    (folder / "names.txt").write_text("\n".join(own_names if names is None else names))
    with pytest.raises(EvaluationError, match=complaint):
        list(read_folder(folder))


def test_reannotated_labels_without_an_order_are_refused(folder: Path) -> None:
    write_reannotated(folder, moved=0)
    (folder / "names.txt").unlink()
    with pytest.raises(EvaluationError, match=r"reannotated_pts68\.npy: names\.txt is not beside"):
        list(read_folder(folder))


def test_a_damaged_file_of_reannotated_labels_is_named(folder: Path) -> None:
    write_reannotated(folder, moved=0)
    (folder / "reannotated_pts68.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(EvaluationError, match=r"reannotated_pts68\.npy: not a readable"):
        list(read_folder(folder))


def test_the_worst_faces_come_first_with_both_sets_of_landmarks(folder: Path) -> None:
    faces = list(read_folder(folder))
    result = evaluate(faces, Oracle(faces, [0.01, 0.1, 0.02, 0, 0, 0.03]), SIZE_PX)
    sheet = draw_worst_faces(result, 3)
    assert sheet.shape == (336, 3 * 320, 3)
    width, height = np.ptp(faces[1].landmarks68[:, :2], axis=0)
    zoom = 320 / (np.sqrt(2) * max(width, height) * 1.25)
    moved = 0.1 * np.sqrt(width * height) * zoom
    tile = sheet[20:320, :320].astype(int)  # below the legend, above the caption
    labels = np.flatnonzero(((tile[..., 1] > 180) & (tile[..., 0] < 100)).any(axis=0))
    model = np.flatnonzero(((tile[..., 0] > 200) & (tile[..., 1] < 100)).any(axis=0))
    assert model.min() - labels.min() == pytest.approx(moved, abs=1.5)


def test_an_image_without_annotation_is_not_dropped_in_silence(folder: Path) -> None:
    (folder / "image00003.mat").unlink()
    with pytest.raises(EvaluationError, match=r"image00003\.jpg: has no annotation"):
        list(read_folder(folder))


def test_an_annotation_of_another_kind_is_named(folder: Path) -> None:
    savemat(folder / "image00002.mat", {"points": np.zeros(3)})
    with pytest.raises(EvaluationError, match=r"image00002\.mat.*pt3d_68"):
        list(read_folder(folder))


@pytest.mark.parametrize(
    ("field", "place", "value"), [("pt3d_68", (2, 67), np.nan), ("Pose_Para", (0, 1), np.inf)]
)
def test_what_is_no_number_is_named_with_its_field(folder: Path, field, place, value) -> None:
    path = folder / "image00004.mat"
    stored = {name: loadmat(path)[name] for name in ("pt3d_68", "Pose_Para")}
    stored[field][place] = value
    savemat(path, stored)
    row, column = place
    complaint = rf"image00004\.mat: {field}\[{row}, {column}\] is {value}, not a number"
    with pytest.raises(EvaluationError, match=complaint):
        list(read_folder(folder))


def test_a_damaged_annotation_is_named(folder: Path) -> None:
    (folder / "image00002.mat").write_bytes(b"MATLAB 5.0 MAT-file" + b"\x01" * 200)
    with pytest.raises(EvaluationError, match=r"image00002\.mat"):
        list(read_folder(folder))


def test_a_truncated_annotation_is_named(folder: Path) -> None:
    path = folder / "image00002.mat"
    whole = path.read_bytes()
    for length in (0, 60, 130, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:length])
        with pytest.raises(EvaluationError, match=r"image00002\.mat"):
            list(read_folder(folder))


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"holds no \.jpg"):
        list(read_folder(tmp_path))


def test_the_sample_has_its_published_make_up(real_data: Path) -> None:
    faces = list(read_folder(real_data / "aflw2000_sample"))
    assert len(faces) == 200
    assert all(face.landmarks68.shape == (68, 3) for face in faces)
    frontal = [face for face in faces if abs(face.yaw_deg) < 30]
    assert len(frontal) == 139
