"""The look at a detected face that the Kotlin port has: the runtime's, as it was in 1.3.0.

Golden vectors of photos and films are made with it, since the port lacks what the runtime's look
has gained: the square from BlazeFace's keypoints, the pass in a mirror, and passes where two
disagree. Everything else in them is the runtime's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from unittest.mock import patch

from edge_runtime import face_landmarker
from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.timings import Timings
from edge_runtime.tracking import face_tracker
from edge_runtime.tracking.face_track import region_around
from edge_runtime.tracking.first_look import SECOND_TURNS_DEG, SURE_PRESENCE, Look
from edge_runtime.tracking.plausibility import presence_by_turning


@contextmanager
def earlier_looks() -> Iterator[None]:
    """Within it, photos and films are looked at as the port does."""
    with ExitStack() as patches:
        for module in (face_landmarker, face_tracker):
            patches.enter_context(patch.object(module, "look_at_face", _look_at_face))
        patches.enter_context(patch.object(face_tracker, "square_around", _square_of_box))
        yield


def _square_of_box(detection: FaceDetection) -> CropRegion:
    return CropRegion.around_detection(detection.box)


def _look_at_face(
    model: LandmarkModel,
    image: Uint8Image,
    detection: FaceDetection,
    timings: Timings,
    refine: bool = True,
    may_repeat: bool = True,
) -> Look:
    """Two passes; where doubtful, again with the square turned, the surest of which counts."""
    square = _square_of_box(detection)
    best = _two_passes(model, image, square, timings)
    if best.is_sure or not may_repeat:
        return best
    for turn_deg in SECOND_TURNS_DEG:
        turned = replace(square, roll_deg=square.roll_deg + turn_deg)
        look = _two_passes(model, image, turned, timings)
        if look.presence >= best.presence:
            best = look
        if best.presence >= SURE_PRESENCE:
            break
    return best


def _two_passes(
    model: LandmarkModel, image: Uint8Image, square: CropRegion, timings: Timings
) -> Look:
    first = model.run(image, square, timings)
    around = region_around(first.points)
    predicted = model.run(image, around, timings)
    presence = predicted.presence
    if presence is None:
        presence = presence_by_turning(model, image, around, predicted.points, timings)
    is_sure = presence >= SURE_PRESENCE and (
        first.presence is None or first.presence >= SURE_PRESENCE
    )
    return Look(predicted, presence, is_sure)
