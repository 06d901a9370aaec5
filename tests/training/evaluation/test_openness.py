"""Openness scores against models that follow lids, ignore them, or only know how a head turns."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.arrays import FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from training.evaluation.openness import Agreement, ClosedEyeScores, ImageOpenings, OpennessScores
from training.evaluation.pictures import draw_openness
from training.evaluation.table import closed_eyes_text
from training.ibug68 import GROUPS

UPPER_LIDS, LOWER_LIDS = (37, 38, 43, 44), (41, 40, 47, 46)
CORNERS = ((36, 39), (42, 45))


def faces(eye_ratio: np.ndarray, mouth_ratio: np.ndarray, eye_width: np.ndarray) -> np.ndarray:
    """Landmarks (F, 68, 3) whose eyes and mouth are open by these ratios; z is nonsense."""
    points = np.random.default_rng(3).normal(0, 50, (len(eye_ratio), 68, 3)).astype(np.float32)
    for outer, inner in CORNERS:
        points[:, outer, :2], points[:, inner, :2] = 0, 0
        points[:, inner, 0] = eye_width
    for upper, lower in zip(UPPER_LIDS, LOWER_LIDS):
        points[:, upper, :2], points[:, lower, :2] = 0, 0
        points[:, lower, 1] = eye_ratio * eye_width
    for index in GROUPS["inner_lips"]:
        points[:, index, :2] = 0
    points[:, 64, 0] = 40
    points[:, [65, 66, 67], 1] = (mouth_ratio * 40)[:, None]
    return points


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Openness of eyes and of the mouth, and yaw, of 400 faces."""
    rng = np.random.default_rng(1)
    return rng.uniform(0.05, 0.4, 400), rng.uniform(0, 0.8, 400), rng.uniform(-60, 60, 400)


def test_openings_are_height_over_width_in_the_picture(drawn: tuple[np.ndarray, ...]) -> None:
    eyes, mouth, _ = drawn
    found = ImageOpenings.of(faces(eyes, mouth, np.full(400, 20.0)))
    np.testing.assert_allclose(found.eyes, eyes, rtol=1e-5)
    np.testing.assert_allclose(found.mouth, mouth, rtol=1e-5, atol=1e-6)


def test_half_the_movement_is_half_the_slope_with_full_correlation(
    drawn: tuple[np.ndarray, ...],
) -> None:
    eyes, mouth, yaw_deg = drawn
    width = np.full(400, 20.0)
    scores = OpennessScores.of(
        faces(0.15 + 0.5 * eyes, 0.1 + 0.9 * mouth, width), faces(eyes, mouth, width)
    )
    assert scores.eyes.slope == pytest.approx(0.5, abs=1e-3)
    assert scores.eyes.correlation == pytest.approx(1, abs=1e-4)
    assert scores.mouth.slope == pytest.approx(0.9, abs=1e-3)
    half = scores[yaw_deg > 0]
    assert half.eyes.faces == (yaw_deg > 0).sum()


def test_a_model_that_knows_yaw_and_no_lids_scores_nothing_at_like_yaw(
    drawn: tuple[np.ndarray, ...],
) -> None:
    lids, mouth, yaw_deg = drawn
    # Height stays, the width shrinks with the turn: in the picture the ratio grows.
    narrower = np.cos(np.radians(yaw_deg))
    truth = faces((0.2 + 0.2 * lids) / narrower, mouth, 20 * narrower)
    blind = faces(0.3 / narrower, mouth, 20 * narrower)
    scores = OpennessScores.of(blind, truth)
    assert scores.eyes.correlation > 0.7 and scores.eyes.slope > 0.7
    assert abs(scores.at_like_yaw(yaw_deg).eyes.correlation) < 0.1
    seeing = OpennessScores.of(truth, truth).at_like_yaw(yaw_deg)
    assert seeing.eyes.correlation == pytest.approx(1)
    assert seeing.eyes.slope == pytest.approx(1)


def test_a_wink_counts_where_every_eye_is_a_sample() -> None:
    open_eyes = faces(np.full(4, 0.3), np.linspace(0, 0.5, 4), np.full(4, 20.0))
    winks = open_eyes.copy()
    for number, lower in ((0, [41, 40]), (1, [47, 46]), (2, [41, 40]), (3, [47, 46])):
        winks[number, lower, 1] = 0
    scores = OpennessScores.of(winks, winks).to_json()
    assert scores["eyes"]["correlation"] is None  # every face has the same mean
    assert scores["each_eye"]["correlation"] == pytest.approx(1)


@pytest.mark.parametrize("truth", [[0.3, 0.3, 0.3], [0.1, 0.2]])
def test_what_has_no_regression_is_none(truth: list[float]) -> None:
    found = Agreement.of(np.arange(len(truth)) * 0.1, np.array(truth))
    assert (found.correlation, found.slope) == (None, None)


def test_a_constant_model_has_no_slope() -> None:
    found = Agreement.of(np.full(5, 0.3), np.linspace(0, 1, 5))
    assert found.correlation is None and found.slope == 0


def closed_and_open(ratios: list[float], expression: FloatArray | None = None) -> ClosedEyeScores:
    """A model's ratios of two closed and two open faces, and of three that count as neither."""
    names = ["cew_1", "cew_2", "utk_1", "aflw_1", "utk_half_closed", "lpd_open", "cew_turned"]
    label = np.array([0.05, 0.05, 0.3, 0.25, 0.15, 0.3, 0.05])
    yaw_deg = np.array([0, -14, 5, 14, 0, 0, 20.0])
    mouth, width = np.zeros(7), np.full(7, 20.0)
    predicted = np.array([*ratios, 0.01, 0.02, 0.9])
    scores = OpennessScores.of(faces(predicted, mouth, width), faces(label, mouth, width))
    return ClosedEyeScores.of(names, scores, yaw_deg, expression)


def test_closed_eyes_are_told_from_open_ones() -> None:
    found = closed_and_open([0.1, 0.2, 0.3, 0.4]).to_json()
    assert found is not None
    assert (found["closed"], found["open"]) == (2, 2)
    assert found["auc"] == 1 and found["error"] == 0
    assert 0.2 < found["limit"] < 0.3


def test_a_model_that_is_wrong_about_one_of_four_errs_in_a_quarter() -> None:
    found = closed_and_open([0.1, 0.35, 0.3, 0.4]).to_json()
    assert found is not None
    assert found["auc"] == pytest.approx(0.75) and found["error"] == pytest.approx(0.25)


def test_whether_an_avatar_shuts_its_eyes() -> None:
    blinks = np.zeros((7, 52), np.float32)
    blinks[:, BLENDSHAPE_NAMES.index("eyeBlinkLeft")] = [1, 0.8, 0, 0.2, 1, 1, 1]
    blinks[:, BLENDSHAPE_NAMES.index("eyeBlinkRight")] = [0.8, 0.6, 0, 0, 1, 1, 1]
    scores = closed_and_open([0.1, 0.2, 0.3, 0.4], blinks)
    found = scores.to_json()
    assert found is not None
    assert found["blink"] == pytest.approx({"closed": 0.8, "open": 0.05}, abs=1e-6)
    assert "eyeBlink is 0.80 in the mean of the closed and 0.05 of the open" in closed_eyes_text(
        scores
    )
    without = closed_and_open([0.1, 0.2, 0.3, 0.4]).to_json()
    assert without is not None and without["blink"] is None


def test_without_closed_eyes_there_is_no_such_score() -> None:
    empty = np.zeros(0)
    assert ClosedEyeScores(closed=empty, open=np.ones(3)).to_json() is None


def test_openness_can_be_drawn_with_and_without_closed_eyes(
    drawn: tuple[np.ndarray, ...], tmp_path: Path
) -> None:
    eyes, mouth, _ = drawn
    points = faces(eyes, mouth, np.full(400, 20.0))
    scores = {"all": OpennessScores.of(points, points), "two": OpennessScores.of(*[points[:2]] * 2)}
    draw_openness(scores, closed_and_open([0.1, 0.2, 0.3, 0.4]), tmp_path / "three.png")
    draw_openness(scores, None, tmp_path / "two.png")
    widths = [cv2.imread(str(tmp_path / name)).shape[1] for name in ("three.png", "two.png")]
    assert widths == [1430, 990]
