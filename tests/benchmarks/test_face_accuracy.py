"""Openness through the runtime, on a folder in 300W's format."""

import shutil

import pytest

from benchmarks.face_accuracy import has_living_faces, measure_face_accuracy
from edge_runtime import FaceLandmarker, read_image
from edge_runtime.photos import DEMO_PHOTO


@pytest.fixture
def folder(tmp_path, main_int8):
    """Two photos: one with what the model finds, one with a face where none is."""
    with FaceLandmarker.create(main_int8.path) as landmarker:
        points = landmarker.detect(read_image(DEMO_PHOTO))[0].ibug68[:, :2]
    for name, shift_px in (("found", 1), ("elsewhere", 251)):
        shutil.copy(DEMO_PHOTO, tmp_path / f"{name}.jpg")
        lines = "\n".join(f"{x + shift_px:.3f} {y + shift_px:.3f}" for x, y in points.tolist())
        (tmp_path / f"{name}.pts").write_text(f"version: 1\nn_points: 68\n{{\n{lines}\n}}\n")
    return tmp_path


def test_a_folder_of_300w_is_scored_in_true_boxes_and_behind_the_detector(folder):
    pytest.importorskip("training.evaluation.report")
    assert has_living_faces(folder)
    in_boxes, detected = measure_face_accuracy(["main_int8"], folder)
    assert (in_boxes.squares, in_boxes.faces, in_boxes.missed) == ("true boxes", 2, 0)
    assert (detected.squares, detected.faces, detected.missed) == ("detector", 1, 1)
    assert detected.nme_percent < 1 < in_boxes.nme_percent
    # One face gives no regression, and 300W no word on what is covered.
    assert detected.eyes_slope is None and detected.covered_auc is None
