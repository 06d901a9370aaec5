"""Faces the wrong way up, and things that are no face."""

from pathlib import Path

import numpy as np
import pytest

from edge_runtime import FaceLandmarker, read_image
from edge_runtime.tracking.plausibility import face_size_px

CASES = Path(__file__).parents[1] / "cases"
ROLLS_DEG = range(0, 360, 30)


def off_in_faces(points: np.ndarray, truth: np.ndarray) -> float:
    """Mean distance in the picture, in face sizes."""
    return float(np.linalg.norm(points - truth, axis=1).mean() / face_size_px(truth))


def turned_points(points: np.ndarray, roll_deg: float) -> np.ndarray:
    """Points (520, 2) of a head at (320, 240), turned clockwise with it."""
    turn = np.radians(roll_deg)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return (points - (320, 240)) @ matrix.T + (320, 240)


@pytest.fixture(scope="module")
def upright(landmarker, scene) -> np.ndarray:
    (face,) = landmarker.detect(scene((320, 240, 1.4, 0)))
    assert landmarker.last_timings.invocations == 2, "a sure first look is not repeated"
    return face.points[:, :2]


@pytest.mark.parametrize("roll_deg", ROLLS_DEG)
def test_a_photo_of_a_face_at_every_roll(landmarker, scene, upright, roll_deg):
    (face,) = landmarker.detect(scene((320, 240, 1.4, roll_deg)))
    assert off_in_faces(face.points[:, :2], turned_points(upright, roll_deg)) < 0.06
    assert (face.pose.roll_deg - roll_deg + 180) % 360 - 180 == pytest.approx(0, abs=15)


@pytest.mark.parametrize("roll_deg", [120, 180, 240])
def test_a_film_of_an_upside_down_face(landmarker, scene, upright, roll_deg):
    landmarker.reset_tracking()
    for number in range(12):
        frame = scene((320, 240, 1.4, roll_deg))
        (face,) = landmarker.track(frame, number * 200.0)
        assert face.track_id == 0
        assert off_in_faces(face.points[:, :2], turned_points(upright, roll_deg)) < 0.06
    assert landmarker.last_timings.invocations == 1


def test_a_film_of_a_face_that_turns_over(landmarker, scene, upright):
    """A phone that is swung around: the face is followed all the way."""
    landmarker.reset_tracking()
    for roll_deg in range(0, 720, 10):
        (face,) = landmarker.track(scene((320, 240, 1.4, roll_deg)), roll_deg * 4.0)
        assert face.track_id == 0
    assert off_in_faces(face.points[:, :2], turned_points(upright, 710)) < 0.1


@pytest.mark.parametrize("name", ["cat.jpg", "phantom.png"])
def test_what_only_looks_like_a_face_is_none(landmarker, model_path, name):
    """The detector takes a cat and a drawing for faces; the model does not, in photos and films."""
    image = read_image(CASES / name)
    assert landmarker.detector.detect(image) and landmarker.detect(image) == []
    landmarker.reset_tracking()
    assert landmarker.track(image, 0) == []
    with FaceLandmarker.create(model_path, num_threads=1, min_presence=0) as any_face:
        assert any_face.detect(image)[0].presence < 0.5


def test_a_thing_that_stays_in_sight_costs_second_looks_only_now_and_then(landmarker):
    image = read_image(CASES / "cat.jpg")
    landmarker.reset_tracking()
    runs = []
    for number in range(10):
        landmarker.track(image, number * 40.0)
        runs.append(landmarker.last_timings.invocations)
    assert runs[0] > 2 and sum(count > 2 for count in runs) == 2
