"""The other detectors: OpenCV's cascade, MediaPipe's own, a box from the user."""

import importlib
import types

import cv2
import numpy as np
import pytest

from edge_runtime import Box, CropRegion, Face520Error, FaceLandmarker
from edge_runtime.detection import cascade
from edge_runtime.detection.cascade import CascadeDetector
from edge_runtime.detection.detector_choice import Detector
from edge_runtime.detection.given_box import GivenBox
from edge_runtime.detection.mediapipe_detector import MediaPipeDetector

needs_cascades = pytest.mark.skipif(
    not hasattr(cv2, "CascadeClassifier"), reason="OpenCV 5 has no cascades"
)


@pytest.mark.parametrize("choice", list(Detector))
def test_every_detector_leads_to_the_same_landmarks(choice, model_path, landmarker, photo):
    """To 4 % of the face: the second pass makes up for most of the box."""
    if choice is Detector.MEDIAPIPE:
        pytest.importorskip("mediapipe")
    if choice is Detector.CASCADE and not hasattr(cv2, "CascadeClassifier"):
        with pytest.raises(Face520Error, match="OpenCV 5"):
            choice.open()
        return
    (expected,) = landmarker.detect(photo)
    with FaceLandmarker.create(model_path, choice.open(), num_threads=1) as other:
        faces = other.detect(photo)
        assert len(faces) == 1 and 0.5 <= faces[0].presence <= 1
        moved = np.linalg.norm(faces[0].points - expected.points, axis=1).mean()
        assert moved < 0.04 * expected.box.width
        assert other.detect(np.full((300, 400, 3), 120, np.uint8)) == []


@needs_cascades
@pytest.mark.parametrize("size", [(2048, 2048), (120, 120)])
def test_the_cascade_scales_large_pictures(photo, size):
    cut = photo if size[0] > 512 else photo[55:215, 145:305]
    scaled = cv2.resize(cut, size)
    assert len(CascadeDetector().detect(scaled)) == 1


@needs_cascades
@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (20, 20), (3000, 5)])
def test_the_cascade_on_odd_shapes(shape):
    assert CascadeDetector().detect(np.zeros((*shape, 3), np.uint8)) == []


@needs_cascades
def test_a_missing_cascade(monkeypatch, tmp_path):
    monkeypatch.setattr(cascade, "FILE_NAME", "absent.xml")
    with pytest.raises(Face520Error, match="opencv-data"):
        CascadeDetector()
    (tmp_path / "broken.xml").write_text("<opencv_storage/>")
    with pytest.raises(Face520Error, match="no cascade"):
        CascadeDetector(path=tmp_path / "broken.xml")


def test_mediapipe_without_models(monkeypatch):
    real = importlib.import_module

    def without(name):
        return types.SimpleNamespace() if name == "mediapipe" else real(name)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(Face520Error, match="not installed"):
        MediaPipeDetector()


def test_a_given_box_gives_the_crop_of_the_rule():
    box = Box(170, 80, 272, 190)
    (detection,) = GivenBox(box).detect(np.zeros((1, 1, 3), np.uint8))
    found, expected = CropRegion.around_detection(detection.box), CropRegion.around_box(box)
    assert found.center_x == pytest.approx(expected.center_x)
    assert found.center_y == pytest.approx(expected.center_y)
    assert found.side_px == pytest.approx(expected.side_px)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "5,5,5,9", "9,9,1,1", "1e9"])
def test_boxes_that_are_none(text):
    with pytest.raises(Face520Error):
        GivenBox.parse(text)


def test_boxes_of_the_command(run_command, tmp_path, model_path, photo_path):
    options = ("--model", model_path, "--no-json")
    assert run_command(tmp_path, photo_path, "--box", "176,80,272,190", *options).returncode == 0
    done = run_command(tmp_path, photo_path, "--box", "1,2,3", *options)
    assert done.returncode == 2 and "is no box" in done.stderr
