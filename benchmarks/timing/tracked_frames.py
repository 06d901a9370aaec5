"""Whole tracked frames, ours and MediaPipe's face mesh's, one after the other on the same pictures.

The film is made of photos with one face each: every photo moves, turns and grows a little for two
seconds, by a seed. Every pipeline gets each frame as a camera gives it, just converted to RGB.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from time import perf_counter, perf_counter_ns, process_time_ns

import cv2
import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.model_file import MEDIAPIPE, MEDIAPIPE_ABSENT, ModelFile
from benchmarks.timing.affinity import pinned
from benchmarks.timing.paired_ratio import MedianTime, PairedRatio
from benchmarks.timing.stopwatch import no_collection
from edge_runtime.arrays import Float64Array, Uint8Image
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.image_file import read_image, to_bgr
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.photos import DEMO_PHOTO

WIDTH, HEIGHT = 720, 576
FRAME_MS = 1000 / 30
CLIP_FRAMES, WARM_UP_FRAMES = 60, 10  # of each photo; in the first ones faces are detected
# Largest shift in px, growth and turn, and how often the face goes to and fro.
SHIFT_PX, GROWTH, TURN_DEG = 20.0, 0.05, 5.0
SWING_HZ = (0.2, 0.6)


@dataclass(frozen=True)
class FrameCost:
    """What a tracked frame costs one pipeline, CPU time over all threads of the process.

    gives: what it answers. cpu_of_mediapipe, wall_of_mediapipe: over the times of MediaPipe's face
    mesh without attention on the same frames.
    """

    pipeline: str
    gives: str
    cpu: MedianTime
    wall: MedianTime
    cpu_of_mediapipe: PairedRatio
    wall_of_mediapipe: PairedRatio


@dataclass(frozen=True)
class TrackedFrames:
    """Pipelines in turns on the same frames, each with one face that was found before.

    lost: frames in which one of them found no face; those count for none.
    """

    width: int
    height: int
    photos: int
    frames: int
    lost: int
    rows: tuple[FrameCost, ...]

    def __str__(self) -> str:
        """What was done, for the line above a table."""
        lost = f", {self.lost} lost" if self.lost else ""
        return (
            f"Tracked frames of {self.width} x {self.height} px with one face: {self.frames} from "
            f"{self.photos} photo{'s' if self.photos > 1 else ''}{lost}"
        )


@dataclass(frozen=True)
class _Pipeline:
    """start: of another film. has_face: takes an RGB frame and its time in ms."""

    name: str
    gives: str
    start: Callable[[], object]
    has_face: Callable[[Uint8Image, float], bool]


def measure_tracked_frames(
    models: Sequence[tuple[ModelFile, int]],
    photos: Sequence[Path] = (DEMO_PHOTO,),
    seconds: float = 10.0,
    cores: tuple[int, ...] = (),
) -> TrackedFrames:
    """Measure face520 with each model and number of threads, and both forms of MediaPipe's mesh.

    A clip of one photo after the other, for at least that many seconds. MediaPipe takes the threads
    that it likes. Raises BenchmarkError where mediapipe is absent or no face is found.
    """
    times: list[Float64Array] = []
    lost, used = 0, 0
    with ExitStack() as stack:
        for context in (pinned(cores), _one_thread_of_opencv(), stderr_of_libraries_closed()):
            stack.enter_context(context)
        pipelines = [_face520(model, threads, stack) for model, threads in models]
        pipelines += [_face_mesh(has_attention, stack) for has_attention in (False, True)]
        end = perf_counter() + seconds
        for used, photo in zip(count(1), cycle(photos)):
            of_clip, lost_of_clip = _measure_clip(pipelines, clip(read_image(photo), used), used)
            times, lost = times + of_clip, lost + lost_of_clip
            if perf_counter() >= end:
                break
    if not times:
        raise BenchmarkError(
            "No face was found by every pipeline. Give photos with one face each, by --photos."
        )
    cpu_ms, wall_ms = np.array(times).transpose(2, 1, 0)  # (pipelines, frames) each
    plain = len(models)
    return TrackedFrames(
        WIDTH,
        HEIGHT,
        min(used, len(photos)),
        len(times),
        lost,
        tuple(
            FrameCost(
                pipeline.name,
                pipeline.gives,
                MedianTime.of(cpu_ms[row]),
                MedianTime.of(wall_ms[row]),
                PairedRatio.of(cpu_ms[row], cpu_ms[plain]),
                PairedRatio.of(wall_ms[row], wall_ms[plain]),
            )
            for row, pipeline in enumerate(pipelines)
        ),
    )


def clip(photo: Uint8Image, seed: int) -> Iterator[Uint8Image]:
    """Frames (HEIGHT, WIDTH, 3) of a photo, fitted into them, that moves a little."""
    rng = np.random.default_rng(seed)
    hz, phases = rng.uniform(*SWING_HZ, 4), rng.uniform(0, 2 * np.pi, 4)
    height, width = photo.shape[:2]
    fit = min(WIDTH / width, HEIGHT / height)
    for number in range(CLIP_FRAMES):
        swing = np.sin(phases + 2 * np.pi * hz * number * FRAME_MS / 1e3)
        center = ((width - 1) / 2, (height - 1) / 2)
        turn = cv2.getRotationMatrix2D(center, TURN_DEG * swing[0], fit * (1 + GROWTH * swing[1]))
        shift = np.array([WIDTH - width, HEIGHT - height]) / 2 + SHIFT_PX * swing[2:]
        matrix = np.column_stack([turn[:, :2], turn[:, 2] + shift])
        yield np.asarray(
            cv2.warpAffine(photo, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE),
            np.uint8,
        )


def _measure_clip(
    pipelines: Sequence[_Pipeline], frames: Iterator[Uint8Image], seed: int
) -> tuple[list[Float64Array], int]:
    """CPU and wall ms (pipelines, 2) of each frame that counts, and the number of lost ones.

    Each frame has an order of its own, drawn by the seed: what runs behind a pipeline of the same
    library finds its code and memory in the caches, and is up to a third faster for it.
    """
    rng = np.random.default_rng(seed)
    for pipeline in pipelines:
        pipeline.start()
    times, lost = list[Float64Array](), 0
    with no_collection():
        for number, frame in enumerate(frames):
            bgr, took, found = to_bgr(frame), np.zeros((len(pipelines), 2)), True
            for place in rng.permutation(len(pipelines)).tolist():
                rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
                rgb.flags.writeable = False  # MediaPipe then takes it without a copy
                cpu_ns, wall_ns = process_time_ns(), perf_counter_ns()
                found &= pipelines[place].has_face(rgb, number * FRAME_MS)
                took[place] = process_time_ns() - cpu_ns, perf_counter_ns() - wall_ns
            if number >= WARM_UP_FRAMES:
                if found:
                    times.append(took / 1e6)
                lost += not found
    return times, lost


def _face520(model: ModelFile, threads: int, stack: ExitStack) -> _Pipeline:
    landmarker = stack.enter_context(
        FaceLandmarker.create(model.path, num_threads=threads, max_faces=1)
    )

    def has_face(frame: Uint8Image, time_ms: float) -> bool:
        faces = landmarker.track(frame, time_ms)
        for face in faces:  # some of it is computed when it is read
            face.points, face.box, face.pose, face.visibility, face.expression  # noqa: B018
        return bool(faces)

    plural = f", {threads} threads" if threads > 1 else ""
    gives = "520 points in 3D, box, pose, visibility, presence and expression"
    return _Pipeline(f"{model.name}{plural}", gives, landmarker.reset_tracking, has_face)


def _face_mesh(has_attention: bool, stack: ExitStack) -> _Pipeline:
    try:
        solution = importlib.import_module("mediapipe").solutions.face_mesh
        mesh = stack.enter_context(
            solution.FaceMesh(
                static_image_mode=False, max_num_faces=1, refine_landmarks=has_attention
            )
        )
    except (ImportError, AttributeError) as error:
        raise BenchmarkError(MEDIAPIPE_ABSENT) from error

    def has_face(frame: Uint8Image, time_ms: float) -> bool:
        return bool(mesh.process(frame).multi_face_landmarks)

    if has_attention:
        gives = "478 points in 3D, lids, lips and irises by attention"
        return _Pipeline(f"{MEDIAPIPE} with attention", gives, mesh.reset, has_face)
    return _Pipeline(MEDIAPIPE, "468 points in 3D", mesh.reset, has_face)


@contextmanager
def _one_thread_of_opencv() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
