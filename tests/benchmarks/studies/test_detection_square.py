"""The fit of the detection's square: it finds the weights that made the squares."""

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from benchmarks.studies import detection_square
from benchmarks.studies.detection_square import DetectedFace, fitted_weights, write_weights
from edge_runtime import Box
from edge_runtime.detection.detection_square import FacePlace, SquareWeights
from edge_runtime.detection.detector import FaceDetection

FRONTAL = [(-36, -38), (36, -38), (0, 5), (0, 43), (-78, -25), (78, -25)]


def made_up_faces(count: int) -> list[DetectedFace]:
    """Detections of every shape and roll, with the squares that the bundled weights give."""
    rng = np.random.default_rng(4)
    faces = []
    for number in range(count):
        turn = rng.normal(0, 0.5)
        matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        keypoints = (FRONTAL + rng.normal(0, 8, (6, 2))) @ matrix.T + 300
        detection = FaceDetection(Box(200, 200, 400, 400), 0.9, keypoints.astype(np.float32))
        place = FacePlace.of(detection)
        assert place is not None
        square = place.square(SquareWeights.bundled())
        faces.append(DetectedFace(number, 0.0, detection, square))
    return faces


def test_known_squares_give_their_weights_back(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(detection_square, "SMALL_WEIGHTS", 0.0)
    faces = made_up_faces(400)
    found = fitted_weights(faces)
    for weights, known in zip(astuple(found), astuple(SquareWeights.bundled())):
        np.testing.assert_allclose(weights, known, rtol=1e-3, atol=1e-3)
    write_weights(found, tmp_path / "weights.json")
    again = SquareWeights.read(tmp_path / "weights.json")
    np.testing.assert_allclose(again.down, found.down, atol=1e-4)


@pytest.mark.slow
def test_keypoints_tell_more_than_the_box(real_data: Path, monkeypatch) -> None:
    """On faces that the weights were not fitted to: roll above all, and every other figure."""
    monkeypatch.setattr(detection_square, "PHOTOS_OF_A_RANGE", 150)
    faces, _ = detection_square.detected_faces(real_data)
    lines = [line.replace("of box", "box").split() for line in detection_square.report(faces)]
    of_box, learned = (np.array([row[3:7] for row in lines[at::2]], float) for at in (1, 2))
    assert (learned[:, 3] < 0.6 * of_box[:, 3]).all()
    assert (learned[:, :3].mean(axis=0) < of_box[:, :3].mean(axis=0)).all()
