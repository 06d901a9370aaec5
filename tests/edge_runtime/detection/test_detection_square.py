"""The square that a detection's keypoints give: it moves, turns and is mirrored with the face."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime import Box
from edge_runtime.crop import CropRegion
from edge_runtime.detection.blazeface import BlazeFace
from edge_runtime.detection.detection_square import square_around
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.tracking.face_track import distance_in_sides, region_around

# A face that looks into the camera, its box from -1 to 1: eyes, nose, mouth, ears.
FRONTAL = np.array(
    [(-0.36, -0.38), (0.36, -0.38), (0.0, 0.05), (0.0, 0.43), (-0.78, -0.25), (0.78, -0.25)]
)
MIRRORED = [1, 0, 2, 3, 5, 4]
# To a hundredth of the side, and the degree that goes with it.
NEAR = 0.01

detections = st.builds(
    lambda center, half, noise: FaceDetection(
        box_around(np.array(center), half),
        0.9,
        (np.array(center) + half * (FRONTAL + np.array(noise).reshape(6, 2))).astype(np.float32),
    ),
    st.tuples(st.floats(100, 900), st.floats(100, 900)),
    st.floats(20, 200),
    st.lists(st.floats(-0.06, 0.06), min_size=12, max_size=12),
)


def box_around(center: np.ndarray, half: float) -> Box:
    (left, top), (right, bottom) = (center - half).tolist(), (center + half).tolist()
    return Box(left, top, right, bottom)


def assert_same(found: CropRegion, expected: CropRegion) -> None:
    assert distance_in_sides(found, expected) < NEAR
    assert found.side_px == pytest.approx(expected.side_px, rel=NEAR)
    assert (found.roll_deg - expected.roll_deg + 180) % 360 - 180 == pytest.approx(0, abs=0.6)


@given(detections)
def test_a_mirrored_face_has_the_mirrored_square(detection):
    width = 1000
    box, square = detection.box, square_around(detection)
    keypoints = detection.keypoints[MIRRORED] * (-1, 1) + np.float32([width - 1, 0])
    mirrored_box = Box(width - 1 - box.right, box.top, width - 1 - box.left, box.bottom)
    found = square_around(replace(detection, box=mirrored_box, keypoints=keypoints))
    expected = replace(square, center_x=width - 1 - square.center_x, roll_deg=-square.roll_deg)
    assert_same(found, expected)


@given(detections, st.floats(-180, 180))
def test_the_square_turns_with_the_face(detection, turn_deg):
    """The box stays, as the detector's does: its middle is what the face turns about."""
    turn = np.radians(turn_deg)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle, square = np.array(detection.box.center), square_around(detection)
    keypoints = ((detection.keypoints - middle) @ matrix.T + middle).astype(np.float32)
    center_x, center_y = matrix @ (np.array([square.center_x, square.center_y]) - middle) + middle
    expected = CropRegion(center_x, center_y, square.side_px, square.roll_deg + turn_deg)
    assert_same(square_around(replace(detection, keypoints=keypoints)), expected)


@given(detections)
def test_a_face_that_looks_into_the_camera_has_nearly_the_square_of_its_box(detection):
    """Keypoints off by up to 3 % of the box; turned heads are what the keypoints are for."""
    of_box, square = CropRegion.around_detection(detection.box), square_around(detection)
    assert distance_in_sides(square, of_box) < 0.15
    assert 0.7 < square.side_px / of_box.side_px < 1.4


@pytest.mark.parametrize(
    "keypoints",
    [
        np.zeros((6, 2)),
        np.vstack([FRONTAL[:4] * 50 + 100, np.zeros((2, 2))]),
        np.full((6, 2), np.nan),
        np.full((6, 2), 100.0),
        FRONTAL * 5000,
    ],
    ids=["none", "no ears", "nan", "one place", "far away"],
)
def test_without_keypoints_the_box_tells_the_square(keypoints):
    box = Box(50, 50, 150, 150)
    detection = FaceDetection(box, 0.9, keypoints.astype(np.float32))
    assert square_around(detection) == CropRegion.around_detection(box)


@pytest.mark.parametrize("roll_deg", [-40, 0, 40])
def test_the_square_of_a_tilted_head_is_tilted(landmarker, scene, roll_deg):
    """As exact as landmarks tell: of the box alone, its roll would be off by these 40 degrees."""
    image = scene((320, 240, 1.6, roll_deg))
    (detection,) = BlazeFace().detect(image)
    (face,) = landmarker.detect(image)
    square, true = square_around(detection), region_around(face.points)
    assert distance_in_sides(square, true) < 0.06
    assert square.side_px == pytest.approx(true.side_px, rel=0.12)
    assert square.roll_deg == pytest.approx(true.roll_deg, abs=8)
