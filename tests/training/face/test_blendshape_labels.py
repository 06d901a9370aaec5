"""Coefficients of the face model under the names that ARKit and MediaPipe give them."""

import numpy as np

from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from training.face.blendshape_labels import UNKNOWN_BLENDSHAPES, blendshape_labels

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
    assert len(UNKNOWN_BLENDSHAPES) == 8 and np.isnan(found["mouthPucker"])


def test_coefficients_beyond_the_range_are_cut_and_many_faces_go_at_once() -> None:
    given = np.full((3, 2, len(NAMES)), 1.5, np.float32)
    found = blendshape_labels(given, NAMES)
    assert found.shape == (3, 2, 52) and np.nanmax(found) == 1


def test_a_model_of_other_expressions_says_nothing() -> None:
    assert np.isnan(blendshape_labels(np.ones(2, np.float32), ("e0", "e1"))).all()
