"""Faces in a video: found once, then followed by their own landmarks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from time import perf_counter

import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.detection.blazeface import BlazeFace
from edge_runtime.detection.detection_square import square_around
from edge_runtime.detection.detector import FaceDetection, FaceDetector
from edge_runtime.detection.far_search import FarSearch
from edge_runtime.errors import Face520Error, TimestampError
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.network.landmark_model import LandmarkModel, Prediction
from edge_runtime.timings import Timings, ms_since
from edge_runtime.tracking.blink_counter import BlinkCounter
from edge_runtime.tracking.face_shape import may_be_one_person
from edge_runtime.tracking.face_smoother import FaceSmoother
from edge_runtime.tracking.face_track import (
    SURE_OF_SHAPE,
    FaceTrack,
    distance_in_sides,
    region_around,
)
from edge_runtime.tracking.far_look import is_covered, is_on_a_face, look_at_far_faces
from edge_runtime.tracking.first_look import look_at_face
from edge_runtime.tracking.one_euro import SETTINGS, Smoothing
from edge_runtime.tracking.plausibility import presence_by_turning
from edge_runtime.tracking.rolling_search import SWEEP_MS, RollingSearch

DOUBTS_OF_A_LOSS = 2
SAME_FACE_SIDES = 0.35  # squares nearer than this hold the same face
SAME_PERSON_SIDES = 1.0  # a face found this near a lost one gets its number back
# How much larger or smaller it may be: at once, more a second, since people walk, and at most.
SAME_SIZE_AT_ONCE, SAME_SIZE_A_SECOND, SAME_PERSON_SIZE = 1.2, 0.4, 1.6
# The window in which a lost face is looked for again, in sides of its square: BlazeFace then sees
# it 24 px wide, where it misses none.
LOST_WINDOW_SIDES = 4.0


@dataclass(frozen=True)
class TrackingOptions:
    """How `FaceLandmarker.track` follows faces.

    smoothing: of points and expression over time. redetect_ms: how often to look for new faces
    while others are followed. search_ms: the same while a face has just been lost; without any face
    every frame is searched. check_ms: how often a face is checked to be one, where the model has no
    presence output. memory_ms: how long a lost face keeps its number. count_blinks: give every face
    its `blinking`.
    """

    smoothing: Smoothing = Smoothing.SOFT
    redetect_ms: float = 1000.0
    search_ms: float = 200.0
    check_ms: float = 200.0
    memory_ms: float = 2000.0
    count_blinks: bool = False

    def check(self) -> None:
        """Raises Face520Error for options out of range."""
        times = (self.redetect_ms, self.search_ms, self.check_ms, self.memory_ms)
        if not all(time_ms >= 0 for time_ms in times):
            raise Face520Error("Times of TrackingOptions must be 0 or more.")


class FaceTracker:
    """Follows up to max_faces faces; `FaceLandmarker.track` is the way to it.

    A frame costs one run of the model per face. The detector runs when there is no face, when one
    is lost, and every redetect_ms; far: finds small faces, up to three windows a frame. Doubtful
    finds are looked at again every search_ms, and what the detector is not sure of, where there is
    no face, every redetect_ms. Below min_presence, twice in a row, a face is lost.
    """

    def __init__(
        self,
        model: LandmarkModel,
        detector: FaceDetector,
        max_faces: int,
        min_presence: float,
        options: TrackingOptions,
        far: FarSearch | None = None,
    ) -> None:
        self.options = options
        self._rolling = None if far is None else RollingSearch(far)
        self._model, self._detector = model, detector
        self._max_faces, self._min_presence = max_faces, min_presence
        self._next_id = 0
        self._tracks: list[FaceTrack] = []
        self._lost: list[FaceTrack] = []
        self._frame_shape: tuple[int, ...] = ()
        self._time_ms = -np.inf
        self._detected_ms = self._repeated_ms = self._hinted_ms = -np.inf
        self._is_afar_due = False
        self._closer_ms = self._lost_looked_ms = -np.inf

    def update(
        self, frame: Uint8Image, timestamp_ms: float, timings: Timings
    ) -> list[FaceLandmarks]:
        """Faces of the next frame, RGB uint8 (H, W, 3), the longest known first.

        Raises TimestampError when the time is not later than the last frame's.
        """
        self._take_time(timestamp_ms)
        if frame.shape != self._frame_shape:
            self._tracks, self._lost, self._frame_shape = [], [], frame.shape
        if frame.size == 0:
            return []
        self._follow(frame, timings)
        if self._is_detection_due():
            self._find_new(frame, timings)
        if self._rolling is not None:
            self._find_far(frame, self._rolling, timings)
        faces = []
        for track in self._tracks:
            predicted = track.predicted
            if track.smoother is not None:
                predicted = track.smoother.smooth(predicted, timestamp_ms)
            face = predicted.face(track.presence, track.track_id)
            if track.blinks is not None:
                face = replace(face, blinking=track.blinks.update(face, timestamp_ms))
            faces.append(face)
        return faces

    def _take_time(self, timestamp_ms: float) -> None:
        if not isfinite(timestamp_ms) or timestamp_ms <= self._time_ms:
            raise TimestampError(
                f"The frame's time {timestamp_ms} ms is not later than the last one's "
                f"({self._time_ms} ms). Pass milliseconds that grow from frame to frame."
            )
        self._time_ms = timestamp_ms

    def _follow(self, frame: Uint8Image, timings: Timings) -> None:
        kept: list[FaceTrack] = []
        for track in self._tracks:
            region = track.region
            predicted = self._model.run(frame, region, timings)
            points, presence = predicted.points, predicted.presence
            has_jumped = track.move(predicted, self._time_ms)
            is_due = self._time_ms - track.checked_ms >= self.options.check_ms
            if presence is None and (is_due or has_jumped or track.doubts):
                presence = presence_by_turning(self._model, frame, region, points, timings)
            if presence is not None:
                track.judge(presence, self._min_presence, self._time_ms)
            is_double = any(_is_same(track.region, other.region) for other in kept)
            if track.doubts >= DOUBTS_OF_A_LOSS or not track.lies_in(frame):
                self._lost.append(track)
                self._detected_ms = -np.inf  # look for it at once
            elif not is_double:
                kept.append(track)
        # Nobody stands before a nearer face.
        hidden = [one for one in kept if is_on_a_face(one.region, _larger(kept, one))]
        self._lost += hidden
        self._tracks = [track for track in kept if track not in hidden]
        oldest_ms = self._time_ms - self.options.memory_ms
        self._lost = [track for track in self._lost if track.seen_ms >= oldest_ms]

    def _is_detection_due(self) -> bool:
        if not self._tracks:
            return True
        wait_ms = self.options.search_ms if self._lost else self.options.redetect_ms
        return len(self._tracks) < self._max_faces and self._time_ms - self._detected_ms >= wait_ms

    def _find_new(self, frame: Uint8Image, timings: Timings) -> None:
        start = perf_counter()
        detections = self._detect(frame)
        timings.detect_ms += ms_since(start)
        timings.detections += 1
        # Something that looks like a face and is none would else cost many runs in every frame.
        may_repeat = self._time_ms - self._repeated_ms >= self.options.search_ms
        if not detections and not self._tracks:
            detections = self._hints(frame, timings)
        for detection in detections:
            if len(self._tracks) >= self._max_faces:
                break
            region = square_around(detection)
            if any(_is_same(region, track.region) for track in self._tracks):
                continue
            look = look_at_face(self._model, frame, detection, timings, may_repeat=may_repeat)
            if not look.is_sure and may_repeat:
                self._repeated_ms = self._time_ms
            # Two passes alone take a cat for a face now and then: what they doubt must wait.
            is_judged = look.is_sure or may_repeat
            if is_judged and look.is_face(detection, self._min_presence):
                self._start(look.predicted, look.presence, frame)

    def _detect(self, frame: Uint8Image) -> list[FaceDetection]:
        """BlazeFace looks closer and upside down only now and then where the far search does."""
        is_due = self._time_ms - self._closer_ms >= SWEEP_MS
        self._detected_ms = self._time_ms
        if self._rolling is None or not isinstance(self._detector, BlazeFace) or is_due:
            self._closer_ms = self._time_ms
            return self._detector.detect(frame)
        return self._detector.detect_whole(frame)

    def _find_far(self, frame: Uint8Image, rolling: RollingSearch, timings: Timings) -> None:
        """Small faces in the windows of this frame."""
        if len(self._tracks) >= self._max_faces:
            return
        windows = rolling.next_windows(frame.shape, self._time_ms, bool(self._tracks))
        if self._lost and self._time_ms - self._lost_looked_ms >= self.options.search_ms:
            self._lost_looked_ms = self._time_ms
            windows.append(self._lost[-1].region.scaled(LOST_WINDOW_SIDES))
        known = [track.region for track in self._tracks]
        windows = [window for window in windows if not is_covered(window, known)]
        start = perf_counter()
        detections = [one for window in windows for one in rolling.far.look_through(frame, window)]
        timings.detect_ms += ms_since(start)
        timings.detections += len(windows)
        for look in look_at_far_faces(
            self._model, rolling.far, frame, detections, known, self._min_presence, timings
        ):
            if len(self._tracks) < self._max_faces:
                self._start(look.predicted, look.presence, frame)

    def _hints(self, frame: Uint8Image, timings: Timings) -> list[FaceDetection]:
        is_due = self._time_ms - self._hinted_ms >= self.options.redetect_ms
        if not isinstance(self._detector, BlazeFace) or not is_due:
            return []
        self._hinted_ms = self._time_ms
        start = perf_counter()
        find = self._detector.from_afar if self._is_afar_due else self._detector.hints
        self._is_afar_due = not self._is_afar_due
        hints = find(frame)
        timings.detect_ms += ms_since(start)
        timings.detections += 1
        return hints

    def _start(self, predicted: Prediction, presence: float, frame: Uint8Image) -> None:
        settings = SETTINGS.get(self.options.smoothing)
        smoother = None if settings is None else FaceSmoother(settings)
        now_ms = self._time_ms
        track = FaceTrack(
            -1,
            predicted,
            presence,
            checked_ms=now_ms,
            seen_ms=now_ms,
            smoother=smoother,
            blinks=BlinkCounter() if self.options.count_blinks else None,
        )
        is_known = any(_is_same(track.region, other.region) for other in self._tracks)
        if is_known or not track.lies_in(frame):
            return
        known = [lost for lost in self._lost if _is_same_person(track, lost)]
        if known:
            same = min(known, key=lambda lost: distance_in_sides(track.region, lost.region))
            self._lost.remove(same)
            track.track_id, track.blinks = same.track_id, same.blinks
        else:
            track.track_id = self._next_id
            self._next_id += 1
        self._tracks.append(track)
        self._tracks.sort(key=lambda one: one.track_id)


def _larger(tracks: list[FaceTrack], track: FaceTrack) -> list[CropRegion]:
    return [one.region for one in tracks if one.region.side_px > track.region.side_px]


def _is_same(one: CropRegion, other: CropRegion) -> bool:
    return distance_in_sides(one, other) < SAME_FACE_SIDES


def _is_same_person(found: FaceTrack, lost: FaceTrack) -> bool:
    """Whether a face found now may be the lost one: near it, as large, and of its shape."""
    last = region_around(lost.sure.points)
    size_change = found.region.side_px / last.side_px
    seconds = (found.seen_ms - lost.sure_ms) / 1e3
    return (
        distance_in_sides(found.region, lost.region) < SAME_PERSON_SIDES
        and max(size_change, 1 / size_change)
        < min(SAME_SIZE_AT_ONCE + SAME_SIZE_A_SECOND * seconds, SAME_PERSON_SIZE)
        and (found.presence < SURE_OF_SHAPE or may_be_one_person(found.predicted, lost.sure))
    )
