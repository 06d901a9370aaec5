"""FaceLandmarker.track on made-up videos: the photo's head moves, turns, leaves and comes back."""

from math import sin

import numpy as np
import pytest

from edge_runtime import (
    Face520Error,
    FaceLandmarker,
    FaceLandmarkerOptions,
    ImageArrayError,
    Smoothing,
    TimestampError,
    TrackingOptions,
)
from edge_runtime.detection.blazeface import BlazeFace

FRAME_MS = 33.0


class CountingDetector:
    """BlazeFace that counts its runs."""

    def __init__(self) -> None:
        self.blazeface = BlazeFace()
        self.runs = 0

    def detect(self, image: np.ndarray):
        self.runs += 1
        return self.blazeface.detect(image)


@pytest.fixture
def make(model_path):
    opened = []

    def create(max_faces: int = 10, **tracking) -> FaceLandmarker:
        tracking = {"smoothing": Smoothing.OFF} | tracking
        options = FaceLandmarkerOptions(
            model_path,
            CountingDetector(),
            num_threads=1,
            max_faces=max_faces,
            tracking=TrackingOptions(**tracking),
        )
        opened.append(FaceLandmarker(options))
        return opened[-1]

    yield create
    for landmarker in opened:
        landmarker.close()


def play(landmarker, frames) -> list[list]:
    return [landmarker.track(frame, number * FRAME_MS) for number, frame in enumerate(frames)]


def test_a_moving_face_is_detected_once(make, scene):
    """Moving, growing and turning; the truth is the still, moved the same way."""
    landmarker = make(redetect_ms=60_000)
    places = [(320 + 150 * sin(t / 15), 240, 1 + 0.5 * sin(t / 25), 25 * sin(t / 10))
              for t in range(90)]  # fmt: skip
    results = play(landmarker, (scene(place) for place in places))
    assert landmarker.detector.runs == 1
    assert all([face.track_id for face in faces] == [0] for faces in results)
    still = results[0][0].points[:, :2] - places[0][:2]
    for (x, y, scale, roll_deg), (face,) in zip(places, results, strict=True):
        angle = np.radians(roll_deg)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        expected = still @ turn * scale + (x, y)
        error = np.linalg.norm(face.points[:, :2] - expected, axis=1).mean()
        assert error < 0.05 * face.box.width


def test_steady_state_costs_one_run_a_frame(make, scene):
    landmarker = make(redetect_ms=60_000, check_ms=60_000)
    frame = scene((320, 240, 1, 0))
    play(landmarker, [frame] * 5)
    assert landmarker.last_timings.invocations == 1
    assert landmarker.last_timings.detections == 0
    assert landmarker.last_timings.detect_ms == 0


def test_detection_comes_back_periodically_for_new_faces(make, scene):
    landmarker = make(redetect_ms=500)
    one, two = scene((180, 240, 1, 0)), scene((180, 240, 1, 0), (460, 240, 1.2, 0))
    results = play(landmarker, [one] * 10 + [two] * 40)
    assert [len(faces) for faces in results[:10]] == [1] * 10
    assert [face.track_id for face in results[-1]] == [0, 1]
    assert results[-1][0].box.center[0] < 320 < results[-1][1].box.center[0]
    assert 2 <= landmarker.detector.runs <= 5
    again = make(max_faces=1, redetect_ms=500)
    play(again, [one] * 40)
    assert again.detector.runs == 1, "no search while there are as many faces as wanted"


def test_a_face_that_leaves_is_lost_and_its_number_is_not_given_away(make, scene):
    landmarker = make(redetect_ms=500)
    with_one, empty = scene((320, 240, 1, 0)), scene()
    results = play(landmarker, [with_one] * 5 + [empty] * 90 + [with_one] * 5)
    assert all(len(faces) == 1 for faces in results[:5])
    gone = [len(faces) for faces in results[5:95]]
    check_ms = landmarker.options.tracking.check_ms
    assert sum(gone) * FRAME_MS <= check_ms + 2 * FRAME_MS, "one check, one doubt, and it is gone"
    assert results[-1][0].track_id == 1, "after 3 s it may be another person"


def test_a_face_that_is_covered_for_a_moment_keeps_its_number(make, scene):
    landmarker = make(redetect_ms=60_000)
    with_two = scene((160, 240, 1, 0), (480, 240, 1, 0))
    covered = with_two.copy()
    covered[:, :320] = scene()[:, :320]
    results = play(landmarker, [with_two] * 5 + [covered] * 15 + [with_two] * 15)
    assert [face.track_id for face in results[4]] == [0, 1]
    kept = max(results[4], key=lambda face: face.box.left).track_id
    assert [face.track_id for face in results[19]] == [kept]
    assert [face.track_id for face in results[-1]] == [0, 1]


def test_crossing_the_edge_of_the_picture(make, scene):
    landmarker = make()
    results = play(landmarker, (scene((320 + 12 * t, 240, 1, 0)) for t in range(40)))
    assert len(results[0]) == 1 and results[-1] == []


def test_two_tracks_on_one_face_become_one(make, scene):
    """A detector that sees the same face twice, a little apart."""
    landmarker = make(redetect_ms=33)
    blazeface = landmarker.detector.blazeface

    class SeesDouble:
        def detect(self, image):
            return [found for found in blazeface.detect(image) for _ in range(3)]

    landmarker.detector = SeesDouble()
    landmarker.reset_tracking()
    results = play(landmarker, [scene((320, 240, 1, 0))] * 10)
    assert [len(faces) for faces in results] == [1] * 10


def test_times_must_grow(make, scene):
    landmarker = make()
    landmarker.track(scene((320, 240, 1, 0)), 100)
    for time_ms in (100, 99.9, float("nan"), float("inf")):
        with pytest.raises(TimestampError, match="not later"):
            landmarker.track(scene(), time_ms)
    assert landmarker.track(scene((322, 240, 1, 0)), 133)[0].track_id == 0
    landmarker.reset_tracking()
    assert landmarker.track(scene((320, 240, 1, 0)), 0)[0].track_id == 0


def test_frames_of_another_size_start_anew(make, scene):
    landmarker = make()
    assert len(landmarker.track(scene((320, 240, 1, 0)), 0)) == 1
    (face,) = landmarker.track(scene((160, 120, 1, 0), size=(320, 240)), 33)
    assert 100 < face.box.center[0] < 220
    assert landmarker.track(np.zeros((0, 5, 3), np.uint8), 66) == []
    with pytest.raises(ImageArrayError):
        landmarker.track(np.zeros((5, 5), np.uint8), 99)


def test_smoothing_calms_a_still_face(make, scene):
    rng = np.random.default_rng(1)
    frame = scene((320, 240, 1, 0)).astype(int)
    frames = [np.clip(frame + rng.normal(0, 6, frame.shape), 0, 255).astype(np.uint8)
              for _ in range(40)]  # fmt: skip
    jitter = {}
    for smoothing in Smoothing:
        points = [faces[0].points for faces in play(make(smoothing=smoothing), frames)][10:]
        jitter[smoothing] = np.std(points, axis=0)[:, :2].mean()
    assert jitter[Smoothing.STRONG] < jitter[Smoothing.SOFT] < 0.8 * jitter[Smoothing.OFF]


def test_detect_and_track_do_not_disturb_each_other(make, scene):
    landmarker = make()
    left, right = scene((160, 240, 1, 0)), scene((480, 240, 1, 0))
    landmarker.track(left, 0)
    (still,) = landmarker.detect(right)
    assert still.track_id is None and still.box.center[0] > 320
    assert landmarker.track(left, 33)[0].track_id == 0


@pytest.mark.parametrize("wrong", [{"redetect_ms": -1}, {"memory_ms": -1}, {"check_ms": np.nan}])
def test_options_out_of_range(make, wrong):
    with pytest.raises(Face520Error, match="must"):
        make(**wrong)
