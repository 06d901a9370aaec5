"""`python -m benchmarks.studies.faces_by_width DIR [SCENES]`: faces found, by how wide they are.

DIR holds portraits before a plain wall, of which scenes are made (`face_scenes.py`, seeded): 2 to
30 faces of 16 to 400 px, nine scenes in ten 1920x1080, the others 4000x3000; 100 unless SCENES says
otherwise. A face is found where a result lies on it: its centre within 0.3 widths, its size right
to a factor of 1.6. Further results on the same face count as false. CPU time is that of all
threads of the process.

The films pan over scenes of 1920x1080, 30 frames a second, for ten seconds. Their cost is given in
runs of the networks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot
from pathlib import Path
from time import process_time

import cv2
import numpy as np

from benchmarks.studies.face_scenes import CutOut, FaceScene, PlacedFace, cut_outs, make_scene
from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import Box, CropRegion
from edge_runtime.detection.blazeface import BLAZEFACE_PATH
from edge_runtime.detection.cascade import find_cascade
from edge_runtime.detection.mediapipe_detector import MediaPipeDetector
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarker import FaceLandmarker, FaceLandmarkerOptions
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.bundled_model import MODEL_PATH

SCENES = 100
FULL_HD, TWELVE_MP = (1920, 1080), (4000, 3000)
EVERY_LARGE = 10  # one scene in so many is 4000x3000
EDGES_PX = (16, 20, 28, 48, 100, 200, 400)
MOST_FACES = 60
WITHIN_WIDTHS, WITHIN_SIZE = 0.3, 1.6
FILM_FRAMES, FRAME_MS = 300, 1000 / 30

Finder = Callable[[Uint8Image], list[Box]]


@dataclass
class FinderScore:
    """What one program found: widths of faces that were there, whether each was found."""

    name: str
    widths_px: list[float] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)
    false: int = 0
    cpu_s: float = 0.0
    scenes: int = 0

    def add(self, scene: FaceScene, results: list[Box], cpu_s: float) -> None:
        """Count the results, boxes as around the 68 landmarks, on a scene."""
        free = list(results)
        for face in scene.faces:
            own = next((box for box in free if lies_on(box, face)), None)
            if own is not None:
                free.remove(own)
            self.widths_px.append(face.width_px)
            self.found.append(own is not None)
        self.false += len(free)
        self.cpu_s += cpu_s
        self.scenes += 1

    def recalls(self) -> list[float]:
        """By width; NaN where no face is as wide."""
        widths, found = np.array(self.widths_px), np.array(self.found)
        ranges = [(widths >= low) & (widths < high) for low, high in pairwise(EDGES_PX)]
        return [float(found[one].mean()) if one.any() else float("nan") for one in ranges]

    @property
    def precision(self) -> float:
        """Share of the results that are faces; 1 where there is none."""
        results = sum(self.found) + self.false
        return sum(self.found) / results if results else 1.0


def lies_on(box: Box, face: PlacedFace) -> bool:
    """Whether a result, a box as around the 68 landmarks, is this face."""
    truth = face.box
    away = hypot(box.center[0] - truth.center[0], box.center[1] - truth.center[1])
    size = max(box.width, box.height) / max(truth.width, truth.height)
    return away < WITHIN_WIDTHS * face.width_px and 1 / WITHIN_SIZE < size < WITHIN_SIZE


@dataclass
class FilmScore:
    """Films: faces at their ends, runs of the networks that a frame cost on average."""

    found: FinderScore
    runs_a_frame: float
    landmark_runs_a_frame: float


def scenes(people: list[CutOut], count: int) -> Iterator[FaceScene]:
    """The scenes of the study."""
    for number in range(count):
        size = TWELVE_MP if number % EVERY_LARGE == EVERY_LARGE - 1 else FULL_HD
        yield make_scene(people, size, np.random.default_rng((1, number)))


def finders() -> Iterator[tuple[str, Finder]]:
    """What is compared. Raises Face520Error."""
    ours = FaceLandmarker(FaceLandmarkerOptions(MODEL_PATH, num_threads=1, max_faces=MOST_FACES))
    yield "face520", lambda image: [face.box for face in ours.detect(image)]
    for name, full_range in (("MediaPipe short", False), ("MediaPipe full", True)):
        detector = MediaPipeDetector(full_range=full_range)
        yield (
            name,
            lambda image, detector=detector: [  # type: ignore[misc]
                CropRegion.around_detection(one.box).landmark_box for one in detector.detect(image)
            ],
        )
    if hasattr(cv2, "CascadeClassifier"):
        cascade = cv2.CascadeClassifier(str(find_cascade()))
        yield "OpenCV cascade", lambda image: _cascade_boxes(cascade, image)


def _cascade_boxes(cascade: cv2.CascadeClassifier, image: Uint8Image) -> list[Box]:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    squares = cascade.detectMultiScale(grey, 1.1, 3, minSize=(20, 20))
    # Its squares are 1.16 times as large as the landmarks' box and lie higher (`cascade.py`).
    return [
        Box(x + 0.07 * side, y + 0.21 * side, x + 0.93 * side, y + 1.08 * side)
        for x, y, side, _ in np.asarray(squares).reshape(-1, 4).tolist()
    ]


def compare(people: list[CutOut], count: int) -> list[FinderScore]:
    """Every program on the same scenes. Raises Face520Error."""
    compared = [(FinderScore(name), find) for name, find in finders()]
    for scene in scenes(people, count):
        for score, find in compared:
            start = process_time()
            results = find(scene.image)
            score.add(scene, results, process_time() - start)
    return [score for score, _ in compared]


def film(people: list[CutOut], count: int) -> FilmScore:
    """`track` on films that pan over a scene and back. Raises Face520Error."""
    runs: list[Path] = []
    options = FaceLandmarkerOptions(
        MODEL_PATH, num_threads=1, max_faces=MOST_FACES, on_run=lambda run: runs.append(run.model)
    )
    landmarker = FaceLandmarker(options)
    score = FinderScore("face520, film")
    for number in range(count):
        scene = make_scene(people, FULL_HD, np.random.default_rng((2, number)))
        landmarker.reset_tracking()
        for index in range(FILM_FRAMES):
            shift = min(index, FILM_FRAMES - 1 - index) // 2
            frame = np.roll(scene.image, -shift, axis=1)
            faces = landmarker.track(frame, index * FRAME_MS)
        score.add(scene, [face.box for face in faces], 0.0)
    searches = sum(model == BLAZEFACE_PATH for model in runs)
    frames = FILM_FRAMES * count
    return FilmScore(score, searches / frames, (len(runs) - searches) / frames)


def report(scores: list[FinderScore], filmed: FilmScore) -> Iterator[str]:
    """Lines of a table."""
    ranges = "  ".join(f"{low:>3}-{high:<3}" for low, high in pairwise(EDGES_PX))
    yield f"recall by width in px        {ranges}  precision  false  CPU ms a scene"
    for score in [*scores, filmed.found]:
        recalls = "  ".join(f"{recall:7.3f}" for recall in score.recalls())
        yield (
            f"{score.name:27}{recalls}  {score.precision:9.3f}  {score.false:5}"
            f"  {1e3 * score.cpu_s / score.scenes:14.0f}"
        )
    widths, _ = np.histogram(scores[0].widths_px, EDGES_PX)
    yield f"{'faces':27}" + "  ".join(f"{number:7}" for number in widths)
    yield (
        f"film: {filmed.runs_a_frame:.2f} runs of BlazeFace a frame, "
        f"{filmed.landmark_runs_a_frame:.1f} runs of the landmark network"
    )


def main() -> None:
    """Print the table; exit 2 where nothing can be measured."""
    if len(sys.argv) not in (2, 3) or not all(text.isdigit() for text in sys.argv[2:]):
        sys.exit("Usage: python -m benchmarks.studies.faces_by_width DIR [SCENES]")
    count = int(sys.argv[2]) if len(sys.argv) == 3 else SCENES
    try:
        with stderr_of_libraries_closed():
            people = cut_outs(Path(sys.argv[1]), FaceLandmarker.create(MODEL_PATH, num_threads=1))
            scores, filmed = compare(people, count), film(people, max(count // 4, 1))
    except Face520Error as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print("\n".join(report(scores, filmed)))


if __name__ == "__main__":
    main()
