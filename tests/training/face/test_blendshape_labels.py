"""Coefficients of the face model under the names that ARKit and MediaPipe give them."""

import numpy as np
import pytest

from edge_runtime.arrays import FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from training.face.blendshape_labels import (
    BLINK_RATIOS,
    UNKNOWN_BLENDSHAPES,
    blendshape_labels,
    with_lids,
)

NAMES = (
    "browInnerUp_L", "browInnerUp_R", "eyeBlink_L", "eyeBlink_R", "eyeLookIn_L", "jawLeft",
    "jawOpen",
)  # fmt: skip


def labels(**coefficients: float) -> dict[str, float]:
    given = np.array([coefficients.get(name, 0.0) for name in NAMES], np.float32)
    return dict(zip(BLENDSHAPE_NAMES, blendshape_labels(given, NAMES).tolist()))


def test_a_side_keeps_its_side() -> None:
    found = labels(eyeBlink_L=0.75, jawLeft=0.25)
    assert found["eyeBlinkLeft"] == 0.75 and found["eyeBlinkRight"] == 0
    assert found["jawLeft"] == 0.25 and np.isnan(found["jawRight"])


def test_what_arkit_has_once_is_the_mean_of_both_sides() -> None:
    assert labels(browInnerUp_L=1.0, browInnerUp_R=0.5)["browInnerUp"] == 0.75


def test_neutral_falls_as_anything_moves() -> None:
    assert labels()["_neutral"] == 1
    assert labels(jawOpen=0.25, eyeBlink_R=0.75)["_neutral"] == 0.25


def test_gaze_and_what_the_model_lacks_are_unknown() -> None:
    found = labels(eyeLookIn_L=1.0)
    assert all(np.isnan(found[name]) for name in UNKNOWN_BLENDSHAPES)
    assert len(UNKNOWN_BLENDSHAPES) == 9 and np.isnan(found["mouthPucker"])


def test_coefficients_beyond_the_range_are_cut_and_many_faces_go_at_once() -> None:
    given = np.full((3, 2, len(NAMES)), 1.5, np.float32)
    found = blendshape_labels(given, NAMES)
    assert found.shape == (3, 2, 52) and np.nanmax(found) == 1


def test_a_model_of_other_expressions_says_nothing() -> None:
    assert np.isnan(blendshape_labels(np.ones(2, np.float32), ("e0", "e1"))).all()


def eyes(left: float, right: float) -> FloatArray:
    """68 landmarks with eyes of this height over width."""
    points = np.zeros((68, 3), np.float32)
    for first, ratio in ((36, right), (42, left)):
        half = ratio / 2
        points[first : first + 6, 0] = (0, 0.3, 0.7, 1, 0.7, 0.3)
        points[first : first + 6, 1] = (0, -half, -half, 0, half, half)
    return points


def by_lids(left: float, right: float) -> dict[str, float]:
    given = np.zeros((len(BLENDSHAPE_NAMES),), np.float32)
    given[[BLENDSHAPE_NAMES.index(f"eyeSquint{side}") for side in ("Left", "Right")]] = 0.5
    return dict(zip(BLENDSHAPE_NAMES, with_lids(given, eyes(left, right)).tolist()))


def test_a_wink_shuts_one_eye_and_takes_its_squint() -> None:
    found = by_lids(left=0.06, right=0.28)
    assert (found["eyeBlinkLeft"], found["eyeBlinkRight"]) == (1, 0)
    assert (found["eyeSquintLeft"], found["eyeSquintRight"]) == (0, 0.5)
    assert found["eyeWideLeft"] == found["eyeWideRight"] == found["_neutral"] == 0


def test_an_eye_at_rest_is_neither_shut_nor_wide_and_a_scared_one_is_wide() -> None:
    found = by_lids(left=0.3, right=0.6)
    assert found["eyeBlinkLeft"] == found["eyeWideLeft"] == 0 and found["eyeWideRight"] == 1
    assert found["_neutral"] == 0


def test_half_shut_is_half_a_blink() -> None:
    found = by_lids(left=sum(BLINK_RATIOS) / 2, right=0.3)
    assert found["eyeBlinkLeft"] == pytest.approx(0.5, abs=1e-6)
    assert found["eyeSquintLeft"] == pytest.approx(0.25, abs=1e-6)
    assert found["_neutral"] == pytest.approx(0.5, abs=1e-6)


def test_lids_of_which_nothing_is_known_stay_unknown() -> None:
    unknown = np.full(len(BLENDSHAPE_NAMES), np.nan, np.float32)
    assert np.isnan(with_lids(unknown, eyes(0.05, 0.3))).all()
