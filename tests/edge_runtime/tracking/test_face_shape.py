"""Who steps in where another left: told apart by shape and size where these differ."""

from dataclasses import replace

import numpy as np
import pytest

from edge_runtime import FaceLandmarker, FaceLandmarkerOptions, layout520, read_image
from edge_runtime.network.landmark_model import Prediction
from edge_runtime.pose import HeadPose, rotation_of_pose
from edge_runtime.tracking.face_shape import may_be_one_person, shape_distance
from tests.edge_runtime.conftest import ROOT

PHOTOS = ROOT / "training" / "open_faces" / "photos"
FRAME_MS, PEOPLE = 33.0, 8


def look(points: np.ndarray, expression: float | None = 0.1) -> Prediction:
    coefficients = None if expression is None else np.full(52, expression, np.float32)
    return Prediction(points.astype(np.float32), 1.0, coefficients)


@pytest.fixture
def points() -> np.ndarray:
    return layout520().mean_shape * 150 + np.array([200, 220, 0], np.float32)


def test_place_size_and_pose_are_no_shape(points):
    turned = points @ rotation_of_pose(HeadPose(12, -8, 25)).T * 0.4 + np.array([50, 9, 0])
    assert shape_distance(points, turned) < 1e-5
    assert may_be_one_person(look(points), look(turned))


def test_a_wider_face_is_another_one(points):
    wider = points * np.array([1.06, 1, 1])
    assert not may_be_one_person(look(points), look(wider))
    tiny = points * 0.08, wider * 0.08  # 12 px, where this is noise
    assert may_be_one_person(look(tiny[0]), look(tiny[1]))


def test_what_cannot_be_told_keeps_the_number(points):
    wider = points * np.array([1.06, 1, 1])
    assert may_be_one_person(look(points), look(wider, None)), "a model without expression"
    turned = wider @ rotation_of_pose(HeadPose(25, 0, 0)).T
    assert may_be_one_person(look(points), look(turned)), "the far side is a guess"
    laughing = replace(look(wider), expression=np.full(52, 0.5, np.float32))
    assert may_be_one_person(look(points), laughing), "an expression moves as much"


@pytest.fixture
def numbers(model_path):
    """Numbers that a film of portraits gives, half a second without anybody between them."""
    options = FaceLandmarkerOptions(model_path, num_threads=1, max_faces=1)
    with FaceLandmarker(options) as landmarker:

        def play(*portraits: np.ndarray) -> list[int | None]:
            landmarker.reset_tracking()
            time_ms, found = 0.0, []
            for portrait in portraits:
                for frame in [portrait] * 3 + [np.full_like(portrait, 120)] * 15:
                    faces = landmarker.track(frame, time_ms)
                    time_ms += FRAME_MS
                    found += [face.track_id for face in faces[:1]]
            return list(dict.fromkeys(found))

        yield play


def test_people_come_back_and_others_step_in(numbers):
    portraits = [read_image(path) for path in sorted(PHOTOS.rglob("*_neutral.jpg"))[:PEOPLE]]
    noise = np.random.default_rng(1).integers(-6, 7, portraits[0].shape)
    again = [np.clip(one + noise, 0, 255).astype(np.uint8) for one in portraits]
    returns = [numbers(one, other) for one, other in zip(portraits, again)]
    assert returns == [[0]] * PEOPLE, "everybody keeps the number"
    others = portraits[1:] + portraits[:1]
    changes = [numbers(one, other) for one, other in zip(portraits, others)]
    assert changes.count([0, 1]) >= PEOPLE / 2, "shapes of most people differ"


def test_a_nearer_face_in_the_same_place_is_another_person(numbers, scene):
    small, large = scene((320, 240, 1.0, 0)), scene((320, 240, 1.5, 0))
    assert numbers(small, large) == [0, 1]
    assert numbers(small, scene((325, 243, 1.05, 0))) == [0]
