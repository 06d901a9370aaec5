import cv2
import numpy as np
import pytest

from edge_runtime import ModelFileError
from edge_runtime.detection.blazeface import (
    ANCHOR_COUNT,
    BLAZEFACE_PATH,
    INPUT_SIZE_PX,
    BlazeFace,
    anchor_centers,
    merge_overlapping,
)


@pytest.fixture(scope="module")
def detector() -> BlazeFace:
    return BlazeFace()


@pytest.fixture(scope="module")
def mediapipe_points(photo):
    """Box corners and keypoints (8, 2) in px as MediaPipe itself finds them, and its score."""
    mediapipe = pytest.importorskip("mediapipe")
    solution = mediapipe.solutions.face_detection
    with solution.FaceDetection(min_detection_confidence=0.5, model_selection=0) as detector:
        (found,) = detector.process(photo).detections
    box = found.location_data.relative_bounding_box
    corners = [(box.xmin, box.ymin), (box.xmin + box.width, box.ymin + box.height)]
    keypoints = [(point.x, point.y) for point in found.location_data.relative_keypoints]
    return np.array(corners + keypoints) * photo.shape[1::-1], found.score[0]


def test_decoding_equals_mediapipes(detector, photo, mediapipe_points):
    """On the pixels that MediaPipe feeds its network, the result is the same to 0.1 px.

    MediaPipe samples without averaging and takes px corners for px centres.
    """
    expected, expected_score = mediapipe_points
    scale = photo.shape[0] / INPUT_SIZE_PX
    sampling = np.array([[scale, 0, 0], [0, scale, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(photo, sampling, (INPUT_SIZE_PX, INPUT_SIZE_PX), flags=flags)
    ((points, score),) = detector.detect_in_crop(pixels)
    np.testing.assert_allclose(points * photo.shape[0], expected, atol=0.1)
    assert score == pytest.approx(expected_score, abs=1e-3)


def test_face_lies_where_mediapipe_finds_it(detector, photo, mediapipe_points):
    """With our own, averaged sampling: to 9 % of the box, the ears being the least certain."""
    expected, expected_score = mediapipe_points
    (face,) = detector.detect(photo)
    box = [(face.box.left, face.box.top), (face.box.right, face.box.bottom)]
    found = np.concatenate([box, face.keypoints])
    assert np.abs(found - expected).max() < 0.09 * face.box.width
    assert face.score == pytest.approx(expected_score, abs=0.03)


def test_subjects_right_eye_comes_first(detector, photo):
    (face,) = detector.detect(photo)
    right_eye, left_eye, nose, mouth = face.keypoints[:4]
    assert right_eye[0] < nose[0] < left_eye[0] and mouth[1] > nose[1] > right_eye[1]


@pytest.mark.parametrize("canvas", [(620, 700), (700, 650)])
def test_letterbox_of_any_aspect(detector, photo, canvas):
    """The face moves with the photo on a larger canvas, to 8 % of its box."""
    image = np.zeros((*canvas, 3), np.uint8)
    top, left = 100, 130
    image[top : top + 512, left : left + 512] = photo
    (alone,), (moved,) = detector.detect(photo), detector.detect(image)
    shift = np.subtract(moved.box.center, alone.box.center)
    np.testing.assert_allclose(shift, (left, top), atol=0.08 * alone.box.width)


def test_two_faces_come_sorted(detector, photo):
    dim = (photo * 0.6).astype(np.uint8)
    faces = detector.detect(np.concatenate([dim, photo], axis=1))
    assert len(faces) == 2
    assert faces[0].score >= faces[1].score
    assert {face.box.center[0] > 512 for face in faces} == {True, False}


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (300, 2), (4000, 3000)])
def test_nothing_in_a_blank_image(detector, shape):
    assert detector.detect(np.full((*shape, 3), 128, np.uint8)) == []


@pytest.mark.parametrize("canvas", [(700, 1100), (1200, 900)])
def test_small_faces_are_found_by_a_closer_look(detector, photo, canvas):
    image = np.full((*canvas, 3), 90, np.uint8)
    top, left = 130, 350
    image[top : top + 512, left : left + 512] = photo
    (alone,), faces = detector.detect(photo), detector.detect(image)
    assert len(faces) == 1
    shift = np.subtract(faces[0].box.center, alone.box.center)
    np.testing.assert_allclose(shift, (left, top), atol=0.1 * alone.box.width)
    assert BlazeFace(closer_looks=0).detect(image) == []


def test_anchors():
    anchors = anchor_centers()
    assert anchors.shape == (ANCHOR_COUNT, 2) == (896, 2)
    np.testing.assert_allclose(
        anchors[[0, 1, 2, 512]], [[1 / 32] * 2] * 2 + [[3 / 32, 1 / 32], [1 / 16] * 2]
    )


def test_merging_weighs_by_score():
    one = np.zeros((8, 2), np.float32)
    one[1] = 1
    other, far = one + 0.1, one + 5
    merged = merge_overlapping(np.stack([one, other, far]), np.array([0.9, 0.6, 0.7], np.float32))
    assert [round(score, 3) for _, score in merged] == [0.9, 0.7]
    np.testing.assert_allclose(merged[0][0], one + 0.1 * 0.6 / 1.5, atol=1e-6)


def test_other_models_are_refused(tmp_path):
    with pytest.raises(ModelFileError, match="absent"):
        BlazeFace(tmp_path / "absent.tflite")
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(BLAZEFACE_PATH.read_bytes()[:5000])
    with pytest.raises(ModelFileError, match="damaged"):
        BlazeFace(broken)
