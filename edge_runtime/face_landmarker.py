"""The landmarker: a photo or a video frame in, 520 landmarks per face out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from types import TracebackType

import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import Box, CropRegion
from edge_runtime.detection.blazeface import BlazeFace
from edge_runtime.detection.detector import FaceDetection, FaceDetector
from edge_runtime.detection.far_search import SMALLEST_FACE_PX, FarSearch
from edge_runtime.detection.given_box import GivenBox
from edge_runtime.errors import Face520Error, ImageArrayError
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.image_file import check_image
from edge_runtime.network.bundled_model import faster_model, model_file
from edge_runtime.network.contract import ModelContract
from edge_runtime.network.interpreter import OnRun, default_num_threads
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.timings import Timings, ms_since
from edge_runtime.tracking.face_track import region_around
from edge_runtime.tracking.face_tracker import FaceTracker, TrackingOptions
from edge_runtime.tracking.far_look import is_covered, look_at_far_faces
from edge_runtime.tracking.first_look import look_at_face
from edge_runtime.tracking.one_euro import Smoothing

MOST_THREADS = 256  # more end some machines, and the models gain from four at most
MIN_SMALLEST_FACE_PX = 8.0  # below, the landmarks are a guess


@dataclass(frozen=True)
class FaceLandmarkerOptions:
    """How to find faces and landmarks.

    model: a .tflite file written by face520-convert; by default main, int8 or float16, whichever
    this processor runs faster. detector: your own, BlazeFace by default.
    num_threads: 0 means all cores up to four; one was the quickest. max_faces: the best detections
    are kept; as soon as there are as many, nothing is searched for further ones. smallest_face_px:
    faces narrower than this are not looked for; half of it makes the search through windows four
    times as long, and a width beyond the picture's leaves it out. Only where BlazeFace is the
    detector. min_detection_score: of BlazeFace, 0 to 1. min_presence: less sure faces are left out
    of photos, and lost in videos when it happens twice in a row; 0 to 1. refine: crop a second
    time, from the landmarks of the first pass, which a detection's box only foretells. tracking: of
    `track`. on_run: called with each run of the landmark network and of the BlazeFace made here,
    for measurements.
    """

    model: Path = field(default_factory=faster_model)
    detector: FaceDetector | None = None
    num_threads: int = 1
    max_faces: int = 10
    smallest_face_px: float = SMALLEST_FACE_PX
    min_detection_score: float = 0.5
    min_presence: float = 0.5
    refine: bool = True
    tracking: TrackingOptions = field(default_factory=TrackingOptions)
    on_run: OnRun | None = None


class FaceLandmarker:
    """Finds faces and their 520 landmarks; one instance belongs to one thread.

    >>> from edge_runtime import FaceLandmarker, read_image
    >>> with FaceLandmarker.create() as landmarker:
    ...     for face in landmarker.detect(read_image("photo.jpg")):
    ...         print(face.pose, face.points[:3])

    In a video, `landmarker.track(frame, timestamp_ms)` follows the faces instead.

    last_timings holds the stages of the latest call. Raises ModelFileError for a model that is
    absent, damaged or made for other landmarks; InterpreterMissingError without an interpreter.
    """

    def __init__(self, options: FaceLandmarkerOptions | None = None) -> None:
        self.options = options = options or FaceLandmarkerOptions()
        _check_options(options)
        num_threads = options.num_threads or default_num_threads()
        self._model = LandmarkModel(options.model, num_threads, options.on_run)
        self.detector: FaceDetector = options.detector or BlazeFace(
            min_score=options.min_detection_score, num_threads=num_threads, on_run=options.on_run
        )
        self._far = (
            FarSearch(self.detector, options.smallest_face_px)
            if isinstance(self.detector, BlazeFace)
            else None
        )
        self.last_timings = Timings()
        self.reset_tracking()

    @classmethod
    def create(
        cls,
        model: str | Path | None = None,
        detector: FaceDetector | None = None,
        num_threads: int = 1,
        max_faces: int = 10,
        min_detection_score: float = 0.5,
        min_presence: float = 0.5,
        refine: bool = True,
        smoothing: Smoothing = Smoothing.SOFT,
    ) -> FaceLandmarker:
        """A landmarker with main, int8 or float16, whichever this processor runs faster.

        model: another file, or the name of a bundled one: main_int8, main_float16, small_int8,
        large_int8.
        """
        return cls(
            FaceLandmarkerOptions(
                model=faster_model() if model is None else model_file(model),
                detector=detector,
                num_threads=num_threads,
                max_faces=max_faces,
                min_detection_score=min_detection_score,
                min_presence=min_presence,
                refine=refine,
                tracking=TrackingOptions(smoothing=smoothing),
            )
        )

    @property
    def runtime(self) -> str:
        """The interpreter that runs the model, such as `ai-edge-litert`."""
        return self._model.runtime

    @property
    def model_name(self) -> str:
        """Name, version and numbers of the model, such as `main 1.5.0 int8`."""
        contract = self.contract
        return f"{contract.model_name} {contract.model_version} {self._model.numbers}"

    @property
    def contract(self) -> ModelContract:
        """What the model says of itself: name, version, training data, accuracy."""
        return self._model.contract

    def detect(self, image: Uint8Image) -> list[FaceLandmarks]:
        """Faces in an RGB uint8 image (H, W, 3), the largest first; empty where there is none.

        What the detector takes for a face and the model does not, is none. Where there is none, the
        image is searched once more upside down, what BlazeFace is not sure of is looked at, and
        last what it finds from further away: a face that the picture's edge cuts.
        Without a presence output, a model is asked once more, see `tracking/plausibility.py`.

        Raises ImageArrayError for an array of another kind.
        """
        check_image(image)
        self.last_timings = Timings()
        if image.size == 0:
            return []
        faces = self._faces_in(image, self.detector.detect)
        if self._far is not None:
            faces += self._far_faces(image, self._far, faces)
        if not faces and not isinstance(self.detector, GivenBox):
            faces = self._faces_in(image, self._detect_upside_down)
        if not faces and isinstance(self.detector, BlazeFace):
            faces = self._faces_in(image, self.detector.hints)
        if not faces and isinstance(self.detector, BlazeFace):
            faces = self._faces_in(image, self.detector.from_afar)
        return sorted(faces, key=lambda face: -face.box.width * face.box.height)

    def _faces_in(
        self, image: Uint8Image, detect: Callable[[Uint8Image], list[FaceDetection]]
    ) -> list[FaceLandmarks]:
        timings = self.last_timings
        start = perf_counter()
        detections = detect(image)[: self.options.max_faces]
        timings.detect_ms += ms_since(start)
        timings.detections += 1
        looks = [
            look_at_face(self._model, image, detection, timings, self.options.refine)
            for detection in detections
        ]
        return [
            look.predicted.face(look.presence)
            for detection, look in zip(detections, looks)
            if look.is_face(detection, self.options.min_presence)
        ]

    def _far_faces(
        self, image: Uint8Image, far: FarSearch, near: list[FaceLandmarks]
    ) -> list[FaceLandmarks]:
        """Faces in the windows of the far search that are not among the near ones."""
        faces: list[FaceLandmarks] = []
        known = [region_around(face.points) for face in near]
        timings, min_presence = self.last_timings, self.options.min_presence
        for window in far.windows(image.shape):
            if len(known) >= self.options.max_faces:
                break
            if is_covered(window, known):
                continue
            start = perf_counter()
            detections = far.look_through(image, window)
            timings.detect_ms += ms_since(start)
            timings.detections += 1
            looks = look_at_far_faces(
                self._model, far, image, detections, known, min_presence, timings
            )
            faces += [look.predicted.face(look.presence) for look in looks]
        return faces[: self.options.max_faces - len(near)]

    def _detect_upside_down(self, image: Uint8Image) -> list[FaceDetection]:
        """Faces that are found only in the image turned by 180 degrees, such as small ones."""
        height, width = image.shape[:2]
        found = []
        for one in self.detector.detect(np.ascontiguousarray(image[::-1, ::-1])):
            box = Box(
                width - 1 - one.box.right,
                height - 1 - one.box.bottom,
                width - 1 - one.box.left,
                height - 1 - one.box.top,
            )
            turned = (np.array([width, height], np.float32) - 1) - one.keypoints
            found.append(FaceDetection(box, one.score, turned))
        return found

    def track(self, frame: Uint8Image, timestamp_ms: float) -> list[FaceLandmarks]:
        """Faces in the next frame of a video, RGB uint8 (H, W, 3), each with its `track_id`.

        timestamp_ms grows from frame to frame. Faces are found once and then followed; `detect`
        neither uses nor changes them. Raises ImageArrayError as `detect` does, TimestampError when
        the time does not grow; the faces followed so far are kept then.
        """
        check_image(frame)
        self.last_timings = timings = Timings()
        return self._tracker.update(frame, timestamp_ms, timings)

    def reset_tracking(self) -> None:
        """Forget all faces of `track`, and the time: the next frame may be another video's."""
        self._tracker = FaceTracker(
            self._model,
            self.detector,
            self.options.max_faces,
            self.options.min_presence,
            self.options.tracking,
            self._far,
        )

    def landmarks_in(self, image: Uint8Image, region: CropRegion) -> FaceLandmarks:
        """Landmarks of the face in a given square, without detector and second pass.

        The presence of a model without that output is 1. Raises ImageArrayError as `detect` does,
        and for an image without pixels.
        """
        check_image(image)
        if image.size == 0:
            raise ImageArrayError(f"The image {image.shape} has no pixels.")
        self.last_timings = Timings()
        predicted = self._model.run(image, region, self.last_timings)
        return predicted.face(1.0 if predicted.presence is None else predicted.presence)

    def close(self) -> None:
        """Let go of the interpreter and its memory; the landmarker cannot be used afterwards."""
        if hasattr(self, "_model"):
            del self._model, self._tracker, self._far

    def __enter__(self) -> FaceLandmarker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _check_options(options: FaceLandmarkerOptions) -> None:
    if options.max_faces < 1 or not 0 <= options.num_threads <= MOST_THREADS:
        raise Face520Error(f"max_faces must be 1 or more, num_threads 0 to {MOST_THREADS}.")
    if not (0 <= options.min_detection_score <= 1 and 0 <= options.min_presence <= 1):
        raise Face520Error("min_detection_score and min_presence must lie between 0 and 1.")
    if not options.smallest_face_px >= MIN_SMALLEST_FACE_PX:
        raise Face520Error(f"smallest_face_px must be {MIN_SMALLEST_FACE_PX:.0f} or more.")
    options.tracking.check()
