"""What `face520-train score-fit` counts, on faces whose errors are known."""

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from edge_runtime import layout520
from training.commands.score_fit import FitScores

FACES = 40


@pytest.fixture(scope="module")
def scores() -> FitScores:
    """Half of the faces by people; of every ten one is missed, one wrong and kept, one rejected."""
    rng = np.random.default_rng(3)
    truth = layout520().mean_shape[:68] * 100 + rng.normal(0, 1, (FACES, 68, 3))
    size_px = np.sqrt(np.prod(np.ptp(truth[..., :2], axis=1), axis=-1))
    fitted = truth.copy()
    fitted[:, :, 0] += 0.02 * size_px[:, None]
    number = np.arange(FACES)
    fitted[number % 10 == 0] = np.nan
    fitted[number % 10 == 1, :, 1] += 0.2 * size_px[number % 10 == 1, None]
    return FitScores(
        group=tuple("one" if index < 30 else "two" for index in number),
        yaw_deg=np.where(number % 2, 50.0, -10.0),
        by_people=number < 20,
        truth68=truth.astype(np.float32),
        fitted68=fitted.astype(np.float32),
        is_kept=(number % 10 > 2) | (number % 10 == 1),
    )


def test_accuracy_is_that_of_people_s_faces_by_yaw(scores: FitScores) -> None:
    ahead, turned = scores.accuracy(0, 30), scores.accuracy(45, 60)
    assert (ahead["photos"], ahead["found"], ahead["kept"]) == (10, 8, 6)
    assert ahead["found_nme_percent"] == pytest.approx(2, abs=0.01)
    assert (turned["photos"], turned["found"], turned["kept"]) == (10, 10, 10)
    wrong = np.hypot(2, 20)
    assert turned["found_nme_percent"] == pytest.approx((8 * 2 + 2 * wrong) / 10, abs=0.01)
    assert scores.accuracy(60, 90)["kept_nme_percent"] is None


def test_what_is_kept_is_told_by_data_set_and_of_all(scores: FitScores) -> None:
    kept = scores.to_json()["kept"]
    assert kept["two"] == {"photos": 10, "found": 9, "kept": 8, "kept_though_wrong": 1}
    assert kept["all"] == {"photos": 40, "found": 36, "kept": 32, "kept_though_wrong": 4}


def test_openness_leaves_out_faces_that_are_not_found(scores: FitScores) -> None:
    eyes = scores.openness(0, 30).eyes
    assert eyes.faces == 8
    assert eyes.correlation == pytest.approx(1) and eyes.slope == pytest.approx(1)


def test_json_and_tables_hold_every_range_and_data_set(scores: FitScores) -> None:
    stored = json.loads(json.dumps(scores.to_json(), allow_nan=False))
    text = StringIO()
    for table in scores.tables():
        Console(file=text, width=200).print(table)
    for name in (*stored["accuracy"], *stored["openness"], *stored["kept"]):
        assert name in text.getvalue()
