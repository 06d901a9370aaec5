"""Openness through the runtime, on a folder in 300W's format."""

import shutil

import numpy as np
import pytest

from benchmarks.face_accuracy import has_living_faces, measure_face_accuracy
from edge_runtime import FaceLandmarker, layout520, read_image
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


@pytest.fixture
def dataset(tmp_path, main_int8):
    """Five held-out faces, the demo photo's; in each, people opened the mouth a little further."""
    records = pytest.importorskip("training.dataset.records")
    manifest = pytest.importorskip("training.dataset.manifest")
    photo = read_image(DEMO_PHOTO)
    with FaceLandmarker.create(main_int8.path) as landmarker:
        points = landmarker.detect(photo)[0].points
    faces = []
    for number in range(5):
        moved = points.copy()
        moved[[65, 66, 67], 1] += 3 * number
        words = np.zeros(68, np.uint8)
        words[:number] = records.COVERED
        faces.append(
            records.FaceRecord(
                f"aflw_{number}",
                DEMO_PHOTO.read_bytes(),
                moved,
                0.0,
                occlusion68=words,
                label_source=records.LabelSource.PEOPLE,
            )
        )
    records.write_shard(tmp_path / "val.tfrecord", faces)
    shard = manifest.Shard("val.tfrecord", "val", len(faces), "")
    made = manifest.Manifest(layout520().reference, len(layout520()), {"made": "up"}, (shard,))
    made.write(manifest.Manifest.path_in(tmp_path))
    return tmp_path


def test_held_out_faces_of_a_dataset_are_scored_against_people(dataset, main_int8):
    assert has_living_faces(dataset)
    (score,) = measure_face_accuracy(["main_int8"], dataset)
    assert (score.squares, score.faces, score.missed) == ("held-out", 5, 0)
    # The photo is the same, so the model's mouth stays while people's opens.
    assert score.mouth_slope == pytest.approx(0, abs=1e-3) and score.nme_percent < 1.2
    assert score.closed_eyes_auc is None
    # Its skin faces the camera at every landmark that people call covered.
    assert score.covered_auc is not None and score.hidden_auc is None


def test_a_folder_of_300w_is_scored_in_true_boxes_and_behind_the_detector(folder):
    pytest.importorskip("training.evaluation.report")
    assert has_living_faces(folder)
    in_boxes, detected = measure_face_accuracy(["main_int8"], folder)
    assert (in_boxes.squares, in_boxes.faces, in_boxes.missed) == ("true boxes", 2, 0)
    assert (detected.squares, detected.faces, detected.missed) == ("detector", 1, 1)
    assert detected.nme_percent < 1 < in_boxes.nme_percent
    # One face gives no regression, and 300W no word on what is covered.
    assert detected.eyes_slope is None and detected.covered_auc is None
