"""What many NMEs sum up to, against cases counted by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_runtime import layout520
from training.evaluation import end_to_end
from training.evaluation.aflw2000 import AnnotatedFace
from training.evaluation.end_to_end import EndToEnd, find_face
from training.evaluation.pictures import ced
from training.nme import REGIONS, NmeScores, auc_percent, failure_percent


def scores_of(nme_percent: list[float], yaw_deg: list[float] | None = None) -> NmeScores:
    errors = np.repeat(np.array(nme_percent)[:, None], 68, axis=1)
    return NmeScores(np.array(yaw_deg or [0.0] * len(nme_percent)), errors)


def test_area_under_the_curve() -> None:
    # Faces at 0, 4 and 8 % and one beyond add 1, 1/2, 0 and 0 of a quarter each.
    assert scores_of([0, 4, 8, 20]).auc_percent == pytest.approx(37.5)
    assert scores_of([0, 0]).auc_percent == 100


def test_area_is_that_under_the_drawn_steps() -> None:
    nme = np.random.default_rng(1).gamma(4, 1, 200)
    reached, share = ced(nme)
    assert reached[0] == 0 and reached[-1] == 8 and share[0] == 0
    assert share[-1] == 100 - failure_percent(nme)
    area = (np.diff(reached) * share[:-1]).sum() / 8
    assert area == pytest.approx(auc_percent(nme), abs=1e-9)


def test_failures_lie_above_8_percent() -> None:
    assert scores_of([1, 8, 8.01, 90]).failure_percent == 50


def test_regions_share_out_the_68_landmarks() -> None:
    yaw_deg = np.zeros(1)
    truth = layout520().mean_shape[None, :68]
    predicted = truth.copy()
    predicted[0, 36:48, 0] += 0.01  # the box's size is 1
    scores = NmeScores.of(yaw_deg, predicted, truth)
    by_region = {name: scores.region_percent(name)[0] for name in REGIONS}
    assert by_region["eyes"] == pytest.approx(1, rel=1e-4)
    assert sum(by_region.values()) == pytest.approx(by_region["eyes"])
    assert scores.nme_percent[0] == pytest.approx(12 / 68, rel=1e-4)


def test_json_holds_no_number_that_json_lacks() -> None:
    stored = scores_of([1, 2], [5, -40]).to_json()
    assert [one["nme_percent"] for one in stored["bins"]] == [1, 2, None]


def test_misses_count_as_failures_beside_the_mean_over_found_faces() -> None:
    found = scores_of([2, 4, 10], [0, 10, 70])
    yaw_deg = np.array([0, 10, 45, 70, -80])
    through_detector = EndToEnd(yaw_deg, np.array([True, True, False, True, False]), found)
    assert through_detector.missed == 2
    assert through_detector.missed_in_bins == (0, 1, 1)
    assert through_detector.failure_percent == pytest.approx(60)
    assert through_detector.auc_percent == pytest.approx(100 * (0.75 + 0.5) / 5)
    assert found.headline_nme_percent == pytest.approx((3 + 10) / 2)


def test_nothing_found_is_a_failure_everywhere() -> None:
    nothing = NmeScores(np.zeros(0), np.zeros((0, 68)))
    through_detector = EndToEnd(np.zeros(3), np.zeros(3, bool), nothing)
    assert (through_detector.failure_percent, through_detector.auc_percent) == (100, 0)
    assert through_detector.to_json()["found"] is None


def test_the_curve_of_a_hopeless_model_is_flat(tmp_path: Path) -> None:
    reached, share = ced(np.array([50.0, 60.0]))
    assert reached.tolist() == [0, 8] and share.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("size", "is_same"), [(1.0, True), (0.6, True), (0.4, False), (2.5, False)]
)
def test_a_face_in_the_mirror_of_another_s_glasses_is_not_that_one(
    size: float, is_same: bool
) -> None:
    rng = np.random.default_rng(5)
    face = rng.uniform(100, 200, (68, 3)).astype(np.float32)
    seen = (face - face.mean(axis=0)) * np.float32(size) + face.mean(axis=0)
    found = find_face(lambda image: [seen], np.zeros((300, 300, 3), np.uint8), face)
    assert (found is not None) == is_same


def test_whole_photos_are_scored_against_both_kinds_of_labels(monkeypatch) -> None:
    rng = np.random.default_rng(6)
    first = rng.uniform(100, 200, (2, 68, 3)).astype(np.float32)
    anew = first[..., :2] + np.float32(1)
    faces = [
        AnnotatedFace(Path(f"{number}.jpg"), one, 0.0, other)
        for number, (one, other) in enumerate(zip(first, anew))
    ]
    answers = np.stack([first[0], np.full((68, 3), np.nan, np.float32)])
    monkeypatch.setattr(end_to_end, "landmarks68_end_to_end", lambda faces, model: answers)
    found = end_to_end.evaluate_end_to_end(faces, Path("model.tflite"))
    assert (found.missed, found.found.nme_percent[0]) == (1, 0)
    assert found.reannotated is not None and found.reannotated.missed == 1
    side = np.sqrt(np.prod(np.ptp(anew[0], axis=0)))
    off = found.reannotated.found.nme_percent[0]
    assert off == pytest.approx(100 * np.sqrt(2) / side, rel=1e-3)
    without = [replace(face, reannotated68=None) for face in faces]
    assert end_to_end.evaluate_end_to_end(without, Path("model.tflite")).reannotated is None
