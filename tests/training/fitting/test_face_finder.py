"""Faces in real photos, seen by both networks: where they lie, at borders too; none in a wall."""

from pathlib import Path

import numpy as np
import pytest

from edge_runtime import FaceLandmarker
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.errors import ModelFileError
from edge_runtime.network.landmark_model import LandmarkModel
from training.fitting.face_finder import LANDMARK_MODEL_PATH, VIEWS, FaceFinder, view_of
from training.fitting.face_mesh import landmarks68_of_mesh
from training.nme import nme_percent


@pytest.fixture(scope="module")
def landmarks(photo: Uint8Image) -> FloatArray:
    with FaceLandmarker.create(LANDMARK_MODEL_PATH) as landmarker:
        return landmarker.detect(photo)[0].points


def test_every_view_shows_the_face_in_the_same_place(
    photo: Uint8Image, landmarks: FloatArray
) -> None:
    model = LandmarkModel(LANDMARK_MODEL_PATH)
    views = np.stack([view_of(model, photo, landmarks, view) for view in VIEWS])
    apart = nme_percent(views[:, :68], np.stack([landmarks[:68]] * len(VIEWS)))
    assert 0 < apart.max() < 3
    assert {view.is_mirrored for view in VIEWS} == {True, False}


def test_a_landmark_model_that_is_missing_is_named(tmp_path: Path) -> None:
    pytest.importorskip("mediapipe")
    with pytest.raises(ModelFileError, match=r"none\.tflite"):
        FaceFinder(tmp_path / "none.tflite")


def test_a_face_is_found_whole_at_a_border_and_filling_the_picture_and_a_wall_has_none(
    photo: Uint8Image, landmarks: FloatArray
) -> None:
    pytest.importorskip("mediapipe")
    tight = CropRegion.around_landmarks(landmarks).scaled(0.9)
    with FaceFinder() as finder:
        (whole,) = finder.find(photo)
        (filling,) = finder.find(tight.extract(photo, 120))
        assert finder.find(np.full((200, 300, 3), 120, np.uint8)) == []
    truth = landmarks[None, :68]
    assert nme_percent(whole.points[None, :68], truth)[0] < 3
    assert whole.presence > 0.9 and whole.spread_percent < 1.7
    assert whole.mesh is not None
    assert nme_percent(landmarks68_of_mesh(whole.mesh)[None], truth)[0] < 6
    back = tight.to_image(filling.points, 120)
    assert nme_percent(back[None, :68], truth)[0] < 5
