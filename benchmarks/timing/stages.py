"""Where the time of a frame goes: every stage of the real pipeline, on a photo with a face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import ParamSpec, TypeVar

import cv2
import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.timing.distribution import Distribution
from edge_runtime import FaceLandmarker, FaceLandmarkerOptions, read_image
from edge_runtime.drawing import Style, draw_landmarks
from edge_runtime.image_file import decode_image, to_bgr
from edge_runtime.network.bundled_model import faster_model
from edge_runtime.network.interpreter import NetworkRun
from edge_runtime.network.landmark_model import Prediction
from edge_runtime.photos import DEMO_PHOTO
from edge_runtime.timings import ms_since
from edge_runtime.tracking.face_smoother import FaceSmoother
from edge_runtime.tracking.one_euro import SETTINGS, Smoothing

Given = ParamSpec("Given")
Value = TypeVar("Value")
STAGES = ("capture", "detect", "crop", "quantize", "invoke", "decode", "smooth", "draw")
FRAME_MS = 1000 / 30  # between the frames of the video that is tracked


@dataclass(frozen=True)
class Stage:
    """A stage and its time per frame."""

    name: str
    latency: Distribution


@dataclass(frozen=True)
class Pipeline:
    """All stages of `FaceLandmarker.detect` with one face, and what they add up to.

    capture: a JPEG frame of the photo's size decoded to RGB, as from a USB camera. detect:
    BlazeFace. crop, quantize, invoke, decode: both passes of the landmark network. smooth: the
    smoothing of video.

    frames_per_second: of stills, capture to decode. tracked_per_second: of video, where capture is
    followed by `FaceLandmarker.track`. drawn_per_second: tracked and drawn.
    """

    model: str
    photo: str
    width: int
    height: int
    threads: int
    frames: int
    stages: tuple[Stage, ...]
    frames_per_second: float
    tracked_per_second: float
    drawn_per_second: float


def measure_pipeline(
    model_path: Path | None = None,
    threads: int = 1,
    frames: int = 100,
    photo: Path = DEMO_PHOTO,
    warm_up_frames: int = 5,
) -> Pipeline:
    """Run the pipeline on one photo, again and again.

    Raises BenchmarkError when no face is found in it, and what the runtime raises.
    """
    frame = read_image(photo)
    encoded = cv2.imencode(".jpg", to_bgr(frame), [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    times: dict[str, list[float]] = {name: [] for name in STAGES}
    tracked_ms = []
    model_path = model_path or faster_model()
    runs: list[NetworkRun] = []
    options = FaceLandmarkerOptions(
        model_path, num_threads=threads, max_faces=1, on_run=runs.append
    )
    with FaceLandmarker(options) as landmarker:
        smoother = FaceSmoother(SETTINGS[Smoothing.SOFT])
        for index in range(frames + warm_up_frames):
            runs.clear()
            image, capture_ms = _timed(decode_image, encoded)
            assert image is not None, "what OpenCV wrote it reads"
            faces, _ = _timed(landmarker.detect, image)
            if not faces:
                raise BenchmarkError(
                    f"{photo}: no face found, so there is no pipeline to time. Give another photo."
                )
            taken, now_ms = landmarker.last_timings, index * FRAME_MS
            network = [run for run in runs if run.model == model_path]
            predicted = Prediction(faces[0].points, expression=faces[0].expression)
            smooth_ms = _timed(smoother.smooth, predicted, now_ms)[1]
            draw_ms = _timed(draw_landmarks, image, faces, Style.CONTOURS)[1]
            frame_ms = {
                "capture": capture_ms,
                "detect": taken.detect_ms,
                "crop": taken.crop_ms,
                "quantize": sum(run.quantize_ms for run in network),
                "invoke": sum(run.invoke_ms for run in network),
                "decode": taken.finish_ms + sum(run.dequantize_ms for run in network),
                "smooth": smooth_ms,
                "draw": draw_ms,
            }
            track_ms = _timed(landmarker.track, image, now_ms)[1]
            if index >= warm_up_frames:
                tracked_ms.append(capture_ms + track_ms)
                for name, value in frame_ms.items():
                    times[name].append(value)
        model = landmarker.model_name
    video_ms = np.array(tracked_ms)
    stills_ms = np.sum([times[name] for name in STAGES if name not in ("smooth", "draw")], axis=0)
    return Pipeline(
        model=model,
        photo=photo.name,
        width=frame.shape[1],
        height=frame.shape[0],
        threads=threads,
        frames=frames,
        stages=tuple(Stage(name, Distribution.of(times[name])) for name in STAGES),
        frames_per_second=1e3 / float(np.median(stills_ms)),
        tracked_per_second=1e3 / float(np.median(video_ms)),
        drawn_per_second=1e3 / float(np.median(video_ms + np.array(times["draw"]))),
    )


def _timed(
    call: Callable[Given, Value], *given: Given.args, **named: Given.kwargs
) -> tuple[Value, float]:
    start = perf_counter()
    value = call(*given, **named)
    return value, ms_since(start)
