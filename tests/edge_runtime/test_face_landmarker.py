import dataclasses

import numpy as np
import pytest

from edge_runtime import (
    Box,
    CropRegion,
    Face520Error,
    FaceDetection,
    FaceLandmarker,
    FaceLandmarkerOptions,
    ImageArrayError,
)
from edge_runtime.detection.blazeface import BLAZEFACE_PATH


class DetectorOfTheUser:
    """Always says the same, the second face surer of nothing."""

    def detect(self, image: np.ndarray) -> list[FaceDetection]:
        keypoints = np.zeros((6, 2), np.float32)
        boxes = [Box(178, 80, 272, 174), Box(300, 300, 400, 400), Box(0, 0, 50, 50)]
        return [FaceDetection(box, 0.5, keypoints) for box in boxes]


def test_one_face_with_everything_that_belongs_to_it(landmarker, photo):
    (face,) = landmarker.detect(photo)
    assert face.points.shape == (520, 3) and face.points.dtype == np.float32
    assert face.ibug68.shape == (68, 3)
    assert abs(face.points[:, 2].mean()) < 1e-3
    assert face.visibility.shape == (520,) and face.visibility_from == "network"
    assert 0 <= face.visibility.min() < 0.5 < face.visibility.mean() and face.visibility.max() <= 1
    assert 0.5 < face.presence <= 1
    assert face.box == Box.around(face.ibug68)
    assert abs(face.pose.yaw_deg) < 25 and abs(face.pose.roll_deg) < 25


def test_timings_of_the_last_call(landmarker, photo):
    landmarker.detect(photo)
    times = landmarker.last_timings
    assert times.invocations == 2  # one face, refined once
    assert min(times.detect_ms, times.crop_ms, times.invoke_ms, times.finish_ms) > 0
    assert times.total_ms == pytest.approx(
        times.detect_ms + times.crop_ms + times.invoke_ms + times.finish_ms
    )


def test_landmarks_in_a_given_square(landmarker, photo):
    (face,) = landmarker.detect(photo)
    again = landmarker.landmarks_in(photo, CropRegion.around_landmarks(face.points))
    moved = np.linalg.norm(again.points - face.points, axis=1).mean()
    assert moved < 0.02 * face.box.width, "the crop of the result gives the result again"
    assert again.presence == 1 or landmarker.contract.has_presence
    assert landmarker.last_timings.invocations == 1


def test_the_result_moves_with_the_photo(landmarker, photo):
    region = CropRegion(224, 135, 150)
    face = landmarker.landmarks_in(photo, region)
    border = ((37, 0), (51, 0), (0, 0))
    moved = landmarker.landmarks_in(
        np.pad(photo, border), dataclasses.replace(region, center_x=224 + 51, center_y=135 + 37)
    )
    np.testing.assert_allclose(moved.points - face.points, [[51, 37, 0]] * 520, atol=0.02)


def test_a_detector_of_the_user_and_max_faces(model_path, photo):
    options = FaceLandmarkerOptions(model_path, DetectorOfTheUser(), num_threads=1, max_faces=2)
    with FaceLandmarker(options) as landmarker:
        assert len(landmarker.detect(photo)) == 1, "the other place shows no face"
    with FaceLandmarker(dataclasses.replace(options, min_presence=0)) as landmarker:
        assert len(landmarker.detect(photo)) == 2


def test_without_refinement_the_network_runs_once(model_path, photo):
    with FaceLandmarker.create(str(model_path), num_threads=1, refine=False) as landmarker:
        landmarker.detect(photo)
        assert landmarker.last_timings.invocations == 1


@pytest.mark.parametrize("shape", [(1, 1, 3), (0, 0, 3), (0, 10, 3), (1, 3000, 3), (480, 640, 3)])
def test_images_without_a_face(landmarker, shape):
    assert landmarker.detect(np.zeros(shape, np.uint8)) == []


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
        np.zeros((1, 40000, 3), np.uint8),
        None,
        [[1, 2]],
    ],
    ids=["grey", "rgba", "float", "too long", "none", "list"],
)
def test_other_arrays_are_refused(landmarker, image):
    for call in (
        landmarker.detect,
        lambda wrong: landmarker.landmarks_in(wrong, CropRegion(5, 5, 9)),
    ):
        with pytest.raises(ImageArrayError) as error:
            call(image)
        assert isinstance(error.value, ValueError)


def test_views_of_larger_arrays(landmarker, photo):
    """Slices, mirror views and read-only arrays, as video libraries hand them out."""
    padded = np.pad(photo, ((0, 0), (0, 64), (0, 0)))
    locked = photo.copy()
    locked.flags.writeable = False
    expected = landmarker.detect(photo)[0].points
    for view in (padded[:, :512], locked, photo[:, ::-1].copy()[:, ::-1]):
        np.testing.assert_allclose(landmarker.detect(view)[0].points, expected, atol=1e-3)


@pytest.mark.parametrize(
    "wrong", [{"max_faces": 0}, {"num_threads": -1}, {"min_detection_score": 1.5}]
)
def test_options_out_of_range(model_path, wrong):
    with pytest.raises(Face520Error, match="must"):
        FaceLandmarker.create(model_path, **wrong)


def test_every_run_of_a_network_can_be_heard_of(photo, model_path):
    runs = []
    options = FaceLandmarkerOptions(model_path, max_faces=1, on_run=runs.append)
    with FaceLandmarker(options) as landmarker:
        landmarker.detect(photo)
        times, size_px = landmarker.last_timings, landmarker.contract.input_size_px
    landmarks = [run for run in runs if run.model == model_path]
    detections = [run for run in runs if run.model == BLAZEFACE_PATH]
    assert len(landmarks) == times.invocations == 2 and len(detections) + 2 == len(runs)
    assert landmarks[0].image.shape == (size_px, size_px, 3)
    assert detections[0].image.shape == (128, 128, 3)
    assert max(output.size for output in landmarks[1].outputs) == 520 * 3
    inside = sum(run.quantize_ms + run.invoke_ms + run.dequantize_ms for run in landmarks)
    assert 0 < inside <= times.invoke_ms
