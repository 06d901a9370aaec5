"""Folders in 300W's format, and the scores on them, against faces moved by known amounts."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from edge_runtime import FaceLandmarker, layout520, read_image
from edge_runtime.crop import CropRegion, to_crop_units
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.photos import DEMO_PHOTO
from training.cli import app
from training.errors import EvaluationError, LandmarkAnnotationError
from training.evaluation.scores_300w import InterOcularScores, Scores300w, is_300w, read_300w
from training.ibug68 import GROUPS
from training.run.scored_model import ScoredModel

SIZE_PX = 64
HEADER, FOOTER = "version: 1\nn_points: 68\n{\n", "\n}\n"


def landmarks(number: int) -> np.ndarray:
    """The mean face, elsewhere and turned about the line of sight in every photo."""
    turn = np.radians(7 * number)
    shape = layout520().mean_shape[:68, :2] * (60 + 5 * number)
    turned = shape @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (turned + 100 + number).astype(np.float32)


def lines(points: np.ndarray, between: str = " ") -> str:
    """As 300W counts, from 1."""
    return "\n".join(between.join(f"{value:.4f}" for value in xy + 1) for xy in points)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four photos in two subfolders, landmarks in 300W's own format and in bare lists."""
    for number, (name, text) in enumerate(
        {
            "lfpw/a.png": HEADER + lines(landmarks(0)) + FOOTER,
            "lfpw/b.png": HEADER + lines(landmarks(1)) + FOOTER,
            "helen/c.jpg": lines(landmarks(2), " , "),
            "helen/d.jpg": lines(landmarks(3)),
        }.items()
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        image = np.full((220, 220, 3), number, np.uint8)
        image[50:150, 50:150] = 40 * number
        cv2.imwrite(str(path), image)
        path.with_suffix((".pts", ".pts", ".txt", ".pts")[number]).write_text(text)
    return tmp_path


def test_every_kind_of_file_is_read_in_the_order_of_names(folder: Path) -> None:
    photos = read_300w(folder)
    assert [photo.path.name for photo in photos] == ["c.jpg", "d.jpg", "a.png", "b.png"]
    for photo, number in zip(photos, (2, 3, 0, 1)):
        np.testing.assert_allclose(photo.landmarks68, landmarks(number), atol=1e-3)
    assert is_300w(folder) and not is_300w(folder.parent / "nowhere")


def test_a_photo_without_landmarks_is_named(folder: Path) -> None:
    (folder / "helen/c.txt").unlink()
    with pytest.raises(EvaluationError, match=r"c\.jpg: no c\.pts beside it"):
        read_300w(folder)


@pytest.mark.parametrize(
    "text", ["", "c.jpg\n1 2", lines(landmarks(0)[:67]), HEADER + lines(landmarks(0))]
)
def test_a_file_that_is_no_list_of_68_is_named(folder: Path, text: str) -> None:
    (folder / "helen/c.txt").write_text(text)
    with pytest.raises(LandmarkAnnotationError, match=r"c\.txt"):
        read_300w(folder)


def model_of(answers: np.ndarray) -> ScoredModel:
    """Answers crops in order with these landmarks (F, 68, 3) in crop units."""
    return ScoredModel("made up", SIZE_PX, lambda crops: answers[: len(crops)], presence=None)


def moved_by(move: Callable[[np.ndarray, float], np.ndarray], folder: Path) -> Scores300w:
    """Scores of a model that moves people's landmarks, given the distance of the eye corners."""
    photos = read_300w(folder)
    answers = []
    for photo in photos:
        truth = photo.landmarks68
        moved = move(truth.copy(), float(np.linalg.norm(truth[36] - truth[45])))
        region = CropRegion.around_landmarks(truth)
        in_crop = to_crop_units(region.to_crop(moved, SIZE_PX), SIZE_PX)
        answers.append(np.column_stack([in_crop, np.zeros(68)]))
    return Scores300w.measure(model_of(np.array(answers, np.float32)), photos, None)


def test_errors_are_over_the_distance_of_the_outer_eye_corners(folder: Path) -> None:
    def move(points: np.ndarray, corners_px: float) -> np.ndarray:
        points[list(GROUPS["jaw"])] += (0, 0.17 * corners_px)
        return points

    scores = moved_by(move, folder).true_boxes
    assert scores.regions_percent["jaw"] == pytest.approx(17, abs=1e-2)
    assert scores.regions_percent["51 inner"] == pytest.approx(0, abs=1e-2)
    assert scores.regions_percent["all 68"] == pytest.approx(17 * 17 / 68, abs=1e-2)


def test_a_constant_offset_in_the_face_is_removed_and_one_that_varies_is_not(folder: Path) -> None:
    def with_the_face(points: np.ndarray, corners_px: float) -> np.ndarray:
        up = (points[27] - points[8]) / np.linalg.norm(points[27] - points[8])
        points[list(GROUPS["left_brow"])] += 0.1 * corners_px * up
        return points

    # The mean face is not quite symmetric about its eye line; the turn is what has to go.
    scores = moved_by(with_the_face, folder).true_boxes
    assert scores.regions_percent["brows"] == pytest.approx(5, abs=0.01)
    assert scores.regions_without_offsets_percent["brows"] == pytest.approx(0, abs=0.01)

    sign = iter((1, -1, 1, -1))

    def to_and_fro(points: np.ndarray, corners_px: float) -> np.ndarray:
        return points + 0.1 * corners_px * next(sign)

    scores = moved_by(to_and_fro, folder).true_boxes
    assert scores.regions_without_offsets_percent["all 68"] > 9


def test_a_miss_is_counted_and_enters_no_mean() -> None:
    truth = np.stack([landmarks(number) for number in range(4)])
    predicted = truth.copy()
    predicted[2] = np.nan
    scores = InterOcularScores.of(predicted, truth)
    assert (len(scores), scores.missed) == (3, 1)
    assert scores.regions_percent["all 68"] == pytest.approx(0, abs=1e-5)
    with pytest.raises(EvaluationError):
        InterOcularScores.of(np.full_like(truth, np.nan), truth)


def test_the_command_scores_a_folder_in_true_boxes_and_end_to_end(
    tmp_path: Path,
) -> None:
    photo = read_image(DEMO_PHOTO)
    with FaceLandmarker.create(MODEL_PATH) as landmarker:
        points = landmarker.detect(photo)[0].ibug68[:, :2]
    for name, shift_px in (("found", 0), ("elsewhere", 250)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), photo[..., ::-1])
        (tmp_path / f"{name}.pts").write_text(HEADER + lines(points + shift_px) + FOOTER)
    target = tmp_path / "scores.json"
    arguments = ["evaluate", str(MODEL_PATH), str(tmp_path), "--end-to-end"]
    result = CliRunner().invoke(app, [*arguments, "--json", str(target)])
    assert result.exit_code == 0, result.output
    assert "51 inner" in result.output and "mouth opening" in result.output
    assert max(map(len, result.output.splitlines())) <= 80
    scores = json.loads(target.read_text())["300w"]
    assert scores["true_boxes"]["faces"] == 2 and scores["true_boxes"]["missed"] == 0
    assert scores["end_to_end"]["faces"] == 1 and scores["end_to_end"]["missed"] == 1
    assert scores["end_to_end"]["nme_percent"]["51 inner"] < 1
