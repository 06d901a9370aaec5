"""Presence scores against cases counted by hand, and held-out crops of a dataset."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from training.dataset.dataset import Dataset
from training.errors import EvaluationError
from training.evaluation.pictures import draw_roc
from training.evaluation.presence import PresenceSamples, PresenceScores
from training.run.scored_model import ScoredModel


def scores_of(faces: list[float], empty: list[float]) -> PresenceScores:
    is_face = np.arange(len(faces) + len(empty)) < len(faces)
    return PresenceScores.of(np.array(faces + empty), is_face)


@pytest.mark.parametrize(
    "faces, empty, expected",
    [
        ([0.9, 0.8], [0.1, 0.2], 1),
        ([0.1, 0.2], [0.9, 0.8], 0),
        ([0.5], [0.5], 0.5),  # a tie counts half
        ([0.9, 0.4], [0.6, 0.1], 0.75),  # three of four pairs in order
        ([0.9, 0.5, 0.5], [0.5, 0.1], (2 + 0.5 + 1 + 0.5 + 1) / 6),
    ],
)
def test_roc_auc(faces: list[float], empty: list[float], expected: float) -> None:
    assert scores_of(faces, empty).roc_auc == pytest.approx(expected)


def test_roc_auc_is_the_area_under_the_curve() -> None:
    rng = np.random.default_rng(1)
    # Rounded, so that many scores tie.
    faces, empty = np.round(rng.normal(0.6, 0.2, 300), 1), np.round(rng.normal(0.4, 0.2, 200), 1)
    scores = scores_of(faces.tolist(), empty.tolist())
    accepted_empty, accepted_faces = scores.roc_curve()
    assert (accepted_empty[0], accepted_faces[0]) == (0, 0)
    assert (accepted_empty[-1], accepted_faces[-1]) == (1, 1)
    heights = (accepted_faces[1:] + accepted_faces[:-1]) / 2
    area = (np.diff(accepted_empty) * heights).sum()
    assert area == pytest.approx(scores.roc_auc, abs=1e-12)


def test_limit_refuses_at_most_one_face_in_a_hundred() -> None:
    faces = np.linspace(0.01, 1, 100)  # in steps of 0.01
    scores = scores_of(faces.tolist(), [0.0, 0.015, 0.03, 0.5])
    limit = scores.limit()
    assert limit == pytest.approx(0.02)  # 0.01 alone lies below
    assert scores.refused_faces(limit) == pytest.approx(0.01)
    assert scores.accepted_empty(limit) == pytest.approx(0.5)
    assert scores.refused_faces(np.nextafter(limit, 1)) == pytest.approx(0.02)


def test_limit_of_few_faces_refuses_none() -> None:
    scores = scores_of([0.3, 0.9], [0.1, 0.3])
    assert scores.limit() == 0.3
    assert scores.refused_faces(0.3) == 0 and scores.accepted_empty(0.3) == 0.5


def test_tied_faces_are_refused_together_or_not_at_all() -> None:
    scores = scores_of([0.2] * 5 + [0.9] * 95, [0.5])
    assert scores.limit() == 0.2 and scores.refused_faces(0.2) == 0


@pytest.mark.parametrize(
    "values, is_face",
    [([0.1, 0.9], [True, True]), ([0.1, 0.9], [False, False]), ([np.nan, 0.9], [True, False])],
)
def test_what_cannot_be_scored_is_refused(values: list[float], is_face: list[bool]) -> None:
    with pytest.raises(EvaluationError):
        PresenceScores.of(np.array(values), np.array(is_face))


def test_a_perfect_curve_can_be_drawn(tmp_path: Path) -> None:
    draw_roc(scores_of([0.9, 0.8], [0.1]), tmp_path / "roc.png")
    assert cv2.imread(str(tmp_path / "roc.png")).shape[1] == 715


def brightness_model(presence: bool) -> ScoredModel:
    """Finds no landmarks; takes a bright crop for a face."""

    def brightness(crops: np.ndarray) -> np.ndarray:
        return crops.mean(axis=(1, 2, 3)) / 255

    return ScoredModel("bright", 48, lambda crops: crops, brightness if presence else None)


def test_held_out_photos_give_a_face_and_a_place_without_one_each(dataset_path: Path) -> None:
    samples = PresenceSamples.of(Dataset.open(dataset_path), 48)
    assert (
        samples.crops.shape == (8, 48, 48, 3)
        and samples.is_face.tolist() == [True] * 4 + [False] * 4
    )
    again = PresenceSamples.of(Dataset.open(dataset_path), 48)
    np.testing.assert_array_equal(samples.crops, again.crops)
    scores = samples.score(brightness_model(presence=True), batch=3)
    expected = samples.crops[:4].mean(axis=(1, 2, 3)) / 255
    np.testing.assert_allclose(scores.faces, expected)


def test_a_model_without_presence_is_named(dataset_path: Path) -> None:
    samples = PresenceSamples.of(Dataset.open(dataset_path), 48)
    with pytest.raises(EvaluationError, match="bright: has no presence output"):
        samples.score(brightness_model(presence=False))
