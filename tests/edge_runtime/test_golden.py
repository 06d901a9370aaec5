"""The released model on the bundled photo, against stored landmarks.

After a new model is released, look at the drawn photo, then write the landmarks anew:
FACE520_WRITE_GOLDEN=1 python -m pytest tests/edge_runtime/test_golden.py
"""

import os
from pathlib import Path

import numpy as np
import pytest

from edge_runtime import FaceLandmarker
from edge_runtime.network.bundled_model import FLOAT_MODEL_PATH, MODEL_PATH
from edge_runtime.results.result_json import ImageResult, read_json, write_json

GOLDEN = Path(__file__).parent / "golden" / "astronaut.json"

# Mean distance over the 520 points, as a share of the face's size (sqrt of the box's area).
SAME_MODEL_MARGIN = 0.006  # other processors and interpreters round differently: aarch64 by 0.0048
FLOAT_MODEL_MARGIN = 0.02
OUTPUT_MARGIN = 0.03  # of visibility and expression; openings twice that


def distance(face, golden) -> float:
    size = np.sqrt(golden.box.width * golden.box.height)
    return float(np.linalg.norm(face.points - golden.points, axis=1).mean() / size)


@pytest.mark.parametrize(
    ("model", "margin"),
    [(MODEL_PATH, SAME_MODEL_MARGIN), (FLOAT_MODEL_PATH, FLOAT_MODEL_MARGIN)],
    ids=["int8", "float16"],
)
def test_landmarks_of_the_bundled_photo(photo, model, margin):
    with FaceLandmarker.create(model, num_threads=1) as landmarker:
        faces = landmarker.detect(photo)
        name = landmarker.model_name
    assert len(faces) == 1
    if model == MODEL_PATH and os.environ.get("FACE520_WRITE_GOLDEN"):
        write_json(GOLDEN, ImageResult("astronaut.jpg", 512, 512, name, faces))
    golden = read_json(GOLDEN)
    advice = f"stored from {golden.model}, now {name}: a new model needs new golden landmarks"
    assert distance(faces[0], golden.faces[0]) < margin, advice
    assert_same_outputs(faces[0], golden.faces[0], advice)


def assert_same_outputs(face, golden, advice) -> None:
    """Everything beside the points; those are means, for other processors round differently."""
    assert face.visibility_from == golden.visibility_from, advice
    assert np.abs(face.visibility - golden.visibility).mean() < OUTPUT_MARGIN, advice
    assert (face.expression is None) == (golden.expression is None), advice
    if face.expression is not None:
        np.testing.assert_array_equal(np.isnan(face.expression), np.isnan(golden.expression))
        assert np.nanmean(np.abs(face.expression - golden.expression)) < OUTPUT_MARGIN, advice
    for one, other in zip(vars(face.openings).values(), vars(golden.openings).values()):
        assert abs(one - other) < 2 * OUTPUT_MARGIN, advice


def test_features_lie_where_they_are_in_the_photo(photo):
    """Places read off the photo by eye, to 6 px: the face is about 95 px wide."""
    with FaceLandmarker.create(MODEL_PATH, num_threads=1) as landmarker:
        (face,) = landmarker.detect(photo)
    points = face.points[:, :2]
    for name, found, expected in (
        ("right eye", points[36:42].mean(axis=0), (203, 101)),
        ("left eye", points[42:48].mean(axis=0), (246, 103)),
        ("nose tip", points[30], (223, 126)),
        ("right mouth corner", points[48], (203, 140)),
        ("left mouth corner", points[54], (246, 140)),
        ("chin", points[8], (221, 178)),
    ):
        assert np.linalg.norm(found - expected) < 6, name
