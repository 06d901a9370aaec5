"""Faces that the far search finds beside those that are known."""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot, sqrt
from time import perf_counter

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.detection.far_search import FarSearch
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.timings import Timings, ms_since
from edge_runtime.tracking.face_track import region_around
from edge_runtime.tracking.first_look import PLAIN_PRESENCE, Look, look_at_face

# Sides of the larger of two squares: the centre of the other lies on its face, half as wide.
ON_THE_FACE_SIDES = 0.35


def look_at_far_faces(
    model: LandmarkModel,
    far: FarSearch,
    image: Uint8Image,
    detections: list[FaceDetection],
    known: list[CropRegion],
    min_presence: float,
    timings: Timings,
) -> Iterator[Look]:
    """Looks at the detections that show faces, none at a face twice.

    known: squares around the landmarks of faces found so far; those found now are added.
    """
    for candidate in detections:
        if is_on_a_face(CropRegion.around_detection(candidate.box), known):
            continue
        start = perf_counter()
        detection = far.look_again(image, candidate)
        timings.detect_ms += ms_since(start)
        timings.detections += 1
        if detection is None:
            continue
        square = CropRegion.around_detection(detection.box)
        if is_on_a_face(square, known):  # of which a window has shown a part
            continue
        # What is no face would cost six runs more, and small faces are not looked for turned.
        look = look_at_face(model, image, detection, timings, may_repeat=False)
        around = region_around(look.predicted.points)
        # Many windows show many a thing that is no face. Of 78 faces 20 to 32 px wide, 77 have a
        # presence of 0.95 and more.
        is_face = look.presence >= max(min_presence, PLAIN_PRESENCE)
        if is_face and not is_on_a_face(around, known):
            known.append(around)
            yield look


def is_on_a_face(found: CropRegion, known: list[CropRegion]) -> bool:
    """Whether a square holds a known face, or something on one: nobody stands before a nearer face.

    In windows that are smaller than a face, parts of it are taken for faces.
    """
    return any(
        hypot(found.center_x - face.center_x, found.center_y - face.center_y)
        < ON_THE_FACE_SIDES * max(found.side_px, face.side_px)
        for face in known
    )


def is_covered(window: CropRegion, known: list[CropRegion]) -> bool:
    """Whether a window lies on a known face as a whole: whatever is found there is none."""
    return any(
        hypot(window.center_x - face.center_x, window.center_y - face.center_y)
        + window.side_px / sqrt(2)
        < ON_THE_FACE_SIDES * face.side_px
        for face in known
    )
