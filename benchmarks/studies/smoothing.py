"""`python -m benchmarks.studies.smoothing`: jitter and lag of every smoothing, measured.

Made-up videos of the bundled photo at 30 frames a second, with a camera's noise: in one the face is
still, in the others it swings to and fro, by up to two face sizes a second or an eighth of that.
Jitter is how far the landmarks of the still face stray from their mean place, in % of its size; lag
is by how many ms the moving face's landmarks come late. MediaPipe's face mesh sees the same videos
where mediapipe is installed. What is left of a blink's depth is measured on the landmarks of the
still face, whose lids are moved together and apart as in a blink of 100 to 200 ms, at four places
between two frames each; the worst of each length is printed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import cos, pi, sin
from typing import Any

import cv2
import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.face_landmarks import LEFT_EYE, RIGHT_EYE, AspectRatios
from edge_runtime.image_file import read_image
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.network.landmark_model import Prediction
from edge_runtime.photos import DEMO_PHOTO
from edge_runtime.tracking.face_smoother import FaceSmoother
from edge_runtime.tracking.one_euro import SETTINGS, Smoothing

# A frame and its time in ms to landmarks (N, 2) in px.
Follow = Callable[[Uint8Image, float], Float64Array]

FRAMES, WARM_UP, FPS = 120, 30, 30.0
NOISE_LEVELS = 5.0  # standard deviation: a webcam indoors
SWING_HZ = 0.5
FAST_PX, SLOW_PX = 60.0, 7.5
BLINK_MS = (100, 133, 167, 200)
BLINK_STARTS = (2.0, 2.0 + 0.25 / FPS, 2.0 + 0.5 / FPS, 2.0 + 0.75 / FPS)  # s
CLOSING = 1 / 3  # of a blink; lids open more slowly


@dataclass(frozen=True)
class Steadiness:
    """Of one way to follow a face: jitter in % of the face's size, lag of a fast and a slow one.

    blink_percent: least share of a blink's depth that is left, by BLINK_MS; empty where unknown.
    """

    name: str
    jitter_percent: float
    fast_lag_ms: float
    slow_lag_ms: float
    blink_percent: tuple[float, ...] = ()


def place_px(swing_px: float, second: float) -> float:
    """Where the face is at a time, px to the right of the photo's place."""
    return swing_px * sin(2 * pi * SWING_HZ * second)


def video(photo: Uint8Image, swing_px: float) -> Iterator[tuple[Uint8Image, float]]:
    """Frames (H, W, 3) and their times in ms."""
    rng = np.random.default_rng(0)
    height, width = photo.shape[:2]
    for number in range(FRAMES):
        second = number / FPS
        shift = np.array([[1, 0, place_px(swing_px, second)], [0, 1, 0]])
        frame = cv2.warpAffine(photo, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
        noisy = frame + rng.normal(0, NOISE_LEVELS, frame.shape)
        yield np.clip(np.round(noisy), 0, 255).astype(np.uint8), second * 1e3


def measure(name: str, make: Callable[[], Follow], photo: Uint8Image) -> Steadiness:
    """Run a way to follow a face over the videos."""
    follow = make()
    calm = np.array([follow(*frame) for frame in video(photo, 0.0)])[WARM_UP:]
    center = calm.mean(axis=0)
    size_px = np.sqrt(np.prod(np.ptp(center, axis=0)))
    jitter = np.linalg.norm(calm - center, axis=2).mean() / size_px
    fast_ms, slow_ms = (
        _lag_ms(make(), photo, swing_px, center[:, 0].mean()) for swing_px in (FAST_PX, SLOW_PX)
    )
    return Steadiness(name, 100 * float(jitter), fast_ms, slow_ms)


def _lag_ms(follow: Follow, photo: Uint8Image, swing_px: float, center_x: float) -> float:
    """Least squares of: the found place is the true place a lag ago."""
    found = np.array([follow(*frame)[:, 0].mean() for frame in video(photo, swing_px)])
    seconds = np.arange(FRAMES) / FPS
    late = found - center_x - [place_px(swing_px, second) for second in seconds]
    turn = 2 * pi * SWING_HZ
    speed = np.array([turn * swing_px * cos(turn * second) for second in seconds])
    return float(-1e3 * (late * speed)[WARM_UP:].sum() / (speed**2)[WARM_UP:].sum())


def with_blink(track: Sequence[FloatArray], start_s: float, length_ms: float) -> list[FloatArray]:
    """The same points (520, 3) frame after frame, both eyes closing fully and opening once.

    Upper lids go nine tenths of the way, lower ones the rest.
    """
    upper, lower = np.array([*RIGHT_EYE[1], *LEFT_EYE[1]]).T
    blinking = []
    for number, points in enumerate(track):
        at = (number / FPS - start_s) * 1e3 / length_ms
        phase = at / CLOSING if at < CLOSING else (1 - at) / (1 - CLOSING)
        closed = (1 - cos(pi * phase)) / 2 if 0 < at < 1 else 0.0
        moved, gap = points.copy(), points[lower] - points[upper]
        moved[upper] += np.float32(0.9 * closed) * gap
        moved[lower] -= np.float32(0.1 * closed) * gap
        blinking.append(moved)
    return blinking


def blink_depth(track: Sequence[FloatArray], smoothing: Smoothing, length_ms: float) -> float:
    """Least share of a blink's depth that smoothing leaves, over BLINK_STARTS, 0 to 1."""
    shares = []
    for start_s in BLINK_STARTS:
        blinking = with_blink(track, start_s, length_ms)
        smoother = FaceSmoother(SETTINGS[smoothing])
        calm = [
            smoother.smooth(Prediction(points), number * 1e3 / FPS).points
            for number, points in enumerate(blinking)
        ]
        shares.append(_depth(calm, start_s) / _depth(blinking, start_s))
    return min(shares)


def _depth(track: Sequence[FloatArray], start_s: float) -> float:
    """How far the eyes' aspect ratio falls in a blink below its mean of the second before."""
    first = int(start_s * FPS)
    ratios = [AspectRatios.of(points) for points in track[first - int(FPS) : first + int(FPS)]]
    eyes = np.array([(one.left_eye + one.right_eye) / 2 for one in ratios])
    return float(eyes[: int(FPS)].mean() - eyes[int(FPS) :].min())


def track_of_still_face(photo: Uint8Image) -> list[FloatArray]:
    """Landmarks (520, 3) of the still face's video, frame after frame, unsmoothed."""
    with FaceLandmarker.create(
        MODEL_PATH, num_threads=1, max_faces=1, smoothing=Smoothing.OFF
    ) as landmarker:
        return [landmarker.track(frame, time_ms)[0].points for frame, time_ms in video(photo, 0.0)]


def follow_with_face520(smoothing: Smoothing) -> Follow:
    """FaceLandmarker.track with the bundled model."""
    landmarker = FaceLandmarker.create(MODEL_PATH, num_threads=1, max_faces=1, smoothing=smoothing)

    def follow(frame: Uint8Image, time_ms: float) -> Float64Array:
        (face,) = landmarker.track(frame, time_ms)
        return face.points[:, :2].astype(float)

    return follow


def follow_with_mediapipe(mediapipe: Any) -> Follow:
    """MediaPipe's face mesh with its own smoothing, 468 landmarks."""
    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=False, max_num_faces=1)

    def follow(frame: Uint8Image, time_ms: float) -> Float64Array:
        (face,) = mesh.process(frame).multi_face_landmarks
        return np.array([(p.x, p.y) for p in face.landmark], np.float64) * frame.shape[1::-1]

    return follow


def report() -> list[Steadiness]:
    """Measure everything that is installed."""
    photo = read_image(DEMO_PHOTO)
    still = track_of_still_face(photo)
    rows = []
    for smoothing in Smoothing:
        follow = partial(follow_with_face520, smoothing)
        row = measure(f"face520, {smoothing.value}", follow, photo)
        if smoothing is not Smoothing.OFF:
            left = [100 * blink_depth(still, smoothing, length_ms) for length_ms in BLINK_MS]
            row = replace(row, blink_percent=tuple(left))
        rows.append(row)
    try:
        mediapipe = importlib.import_module("mediapipe")
        follow_with_mediapipe(mediapipe)
    except (ImportError, AttributeError):
        return rows
    return [*rows, measure("MediaPipe face mesh", partial(follow_with_mediapipe, mediapipe), photo)]


def main() -> None:
    """Print the table."""
    with stderr_of_libraries_closed():
        rows = report()
    lengths = "".join(f"{length:>8}" for length in BLINK_MS)
    print(f"{'':24}{'jitter, % of the face':>22}{'fast lag, ms':>14}{'slow lag, ms':>14}", end="")
    print(f"   left of a blink of{lengths} ms, %")
    for row in rows:
        print(
            f"{row.name:24}{row.jitter_percent:22.3f}{row.fast_lag_ms:14.1f}{row.slow_lag_ms:14.1f}"
            f"{'':21}" + "".join(f"{share:8.1f}" for share in row.blink_percent)
        )


if __name__ == "__main__":
    main()
