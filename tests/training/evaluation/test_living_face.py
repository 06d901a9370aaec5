"""Blendshapes and visibility against labels whose answer is known, and who is scored at all."""

from dataclasses import replace

import numpy as np
import pytest

from edge_runtime import layout520
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from training.dataset.records import (
    COVERED,
    HIDDEN_BY_FACE,
    NO_WORD,
    SEEN,
    FaceRecord,
    LabelSource,
)
from training.evaluation.blendshape_scores import BlendshapeScores
from training.evaluation.living_face import FaceState, LivingFaceScores
from training.evaluation.visibility_scores import VisibilityScores
from training.run.scored_model import ScoredModel

SMILE, BLINK = BLENDSHAPE_NAMES.index("mouthSmileLeft"), BLENDSHAPE_NAMES.index("eyeBlinkRight")
LOOK = BLENDSHAPE_NAMES.index("eyeLookUpLeft")


@pytest.fixture
def labels() -> np.ndarray:
    """Blendshapes (60, 52): gaze is unknown; the smile is used most, `_neutral` has no movement."""
    made = np.random.default_rng(1).uniform(0, 0.1, (60, 52)).astype(np.float32)
    made[:, 0] = 0.9
    made[:, SMILE] = np.linspace(0, 0.8, 60)
    made[:, [name.startswith("eyeLook") for name in BLENDSHAPE_NAMES]] = np.nan
    return made


def test_each_blendshape_is_scored_for_itself(labels: np.ndarray) -> None:
    predicted = np.nan_to_num(labels, nan=0.5)
    predicted[:, SMILE] *= 0.5
    predicted[:, BLINK] *= -1
    scores = BlendshapeScores.of(predicted, labels)
    each = {one.name: one.agreement for one in scores.each}
    assert each["mouthSmileLeft"].slope == pytest.approx(0.5)
    assert each["mouthSmileLeft"].correlation == pytest.approx(1)
    assert each["eyeBlinkRight"].correlation == pytest.approx(-1)
    assert "eyeLookUpLeft" not in each and len(each) == 44
    assert each["_neutral"].correlation is None
    assert scores.mean_correlation == pytest.approx((42 - 1) / 43)
    assert len(scores.most_used) == 10
    assert scores.most_used[0].name == "mouthSmileLeft"
    assert "_neutral" not in [one.name for one in scores.most_used]


def test_faces_whose_label_is_unknown_do_not_count(labels: np.ndarray) -> None:
    labels[:20, SMILE] = np.nan
    predicted = np.nan_to_num(labels, nan=5)
    found = {one.name: one for one in BlendshapeScores.of(predicted, labels).each}
    assert found["mouthSmileLeft"].agreement.faces == 40
    assert found["mouthSmileLeft"].agreement.correlation == pytest.approx(1)


def test_covered_and_hidden_landmarks_are_told_apart_from_seen_ones() -> None:
    words = np.full((4, 68), NO_WORD, np.uint8)
    words[:3] = SEEN
    words[0, :8], words[1, 20:24] = HIDDEN_BY_FACE, COVERED
    visibility = np.full((4, 68), 0.9, np.float32)
    visibility[words == HIDDEN_BY_FACE] = 0.1
    visibility[1, 20:22] = 0.2  # two of four covered ones; the others look seen
    visibility[3] = 0  # nobody said anything
    scores = VisibilityScores.of(visibility, words)
    assert (scores.faces, scores.seen) == (3, 3 * 68 - 12)
    assert scores.hidden_by_face.auc == 1 and scores.hidden_by_face.landmarks == 8
    assert scores.covered.auc == pytest.approx(0.75) and scores.covered.landmarks == 4
    # These landmarks are the only ones ever covered, so their number alone nearly tells.
    assert 0.9 < scores.covered.place_auc < 1


def test_what_is_never_covered_has_no_score() -> None:
    scores = VisibilityScores.of(np.ones((2, 68)), np.full((2, 68), SEEN, np.uint8))
    assert scores.covered.auc is None and scores.covered.landmarks == 0


def record(number: int, source: LabelSource, yaw_deg: float) -> FaceRecord:
    shape = layout520().mean_shape * 100
    return FaceRecord(f"aflw_{number}", b"", shape, yaw_deg, label_source=source)


def test_only_faces_that_people_labelled_are_scored_each_in_its_range_of_yaw() -> None:
    faces = [
        record(0, LabelSource.PEOPLE, 0),
        record(1, LabelSource.PEOPLE, -29),
        record(2, LabelSource.PEOPLE, 31),
        record(3, LabelSource.MESH, 0),
        record(4, LabelSource.NOBODY, 80),
        record(5, LabelSource.PEOPLE, 10),
    ]
    predicted = np.stack([face.landmarks[:68] for face in faces])
    predicted[0, 37] += (0, 5, 0)
    predicted[5] = np.nan
    scores = LivingFaceScores.of(faces, predicted, FaceState(None, None, None))
    near, far = scores.in_yaw["0-30"], scores.in_yaw["30-60"]
    assert (len(near.errors_percent), near.missed) == (2, 1)
    assert (len(far.errors_percent), far.missed) == (1, 0)
    assert near.regions_percent["lids"] > 0 and near.regions_percent["eye corners"] == 0
    assert near.blendshapes is None and scores.visibility == {}
    unknown = [replace(face, label_source=LabelSource.NOT_STATED) for face in faces]
    assert scores.has_faces
    assert not LivingFaceScores.of(unknown, predicted, FaceState(None, None, None)).has_faces


def test_without_such_an_output_visibility_is_that_of_the_skin() -> None:
    layout = layout520()
    crops = [np.zeros((48, 48, 3), np.uint8)] * 3

    def mean_face(crops: np.ndarray) -> np.ndarray:
        return np.repeat(layout.mean_shape[None] * 0.6, len(crops), axis=0)

    skin = FaceState.predicted(ScoredModel("skin", 48, mean_face, None), crops, layout)
    assert skin.visibility_from == "skin" and skin.visibility68.shape == (3, 68)
    assert skin.expression is None
    only68 = ScoredModel("68", 48, lambda crops: mean_face(crops)[:, :68], None)
    assert FaceState.predicted(only68, crops, layout).visibility68 is None
    seen = ScoredModel(
        "seen", 48, mean_face, None, visibility=lambda crops: np.full((len(crops), 520), 0.7)
    )
    network = FaceState.predicted(seen, crops, layout)
    assert network.visibility_from == "network" and (network.visibility68 == 0.7).all()
