"""From a detection to landmarks: a first look, and turned ones where the first is doubtful.

The network knows faces up to 90 degrees of roll. Of an upside-down one it draws an average face the
wrong way up, and says of a few of these that they are faces. But then it doubts in the first pass,
before the square is drawn in around its own landmarks; of faces that it gets right, upright ones,
it doubts in neither. `python -m benchmarks.studies.roll` measures both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.network.landmark_model import LandmarkModel, Prediction
from edge_runtime.timings import Timings
from edge_runtime.tracking.face_track import region_around
from edge_runtime.tracking.plausibility import presence_by_turning

SURE_PRESENCE = 0.98  # in both passes
SECOND_TURNS_DEG = (180.0, 90.0, 270.0)


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen in a square; is_sure: no turned look could show it better."""

    predicted: Prediction
    presence: float
    is_sure: bool


def look_at_face(
    model: LandmarkModel,
    image: Uint8Image,
    region: CropRegion,
    timings: Timings,
    refine: bool = True,
    may_turn: bool = True,
) -> Look:
    """Landmarks of the face in a detection's square of an RGB image (H, W, 3).

    refine: a second pass, around the landmarks of the first. may_turn: a doubtful look is repeated
    with the square turned, by 180 degrees and, where that is doubtful too, by 90 and 270; the one
    with the highest presence counts, the later of equal ones.
    """
    best = _look(model, image, region, timings, refine)
    if best.is_sure or not may_turn:
        return best
    for turn_deg in SECOND_TURNS_DEG:
        turned = replace(region, roll_deg=region.roll_deg + turn_deg)
        look = _look(model, image, turned, timings, refine)
        if look.presence >= best.presence:
            best = look
        if best.presence >= SURE_PRESENCE:
            break
    return best


def _look(
    model: LandmarkModel, image: Uint8Image, region: CropRegion, timings: Timings, refine: bool
) -> Look:
    predicted = model.run(image, region, timings)
    first_presence = predicted.presence
    if refine:
        region = region_around(predicted.points)
        predicted = model.run(image, region, timings)
    presence = predicted.presence
    if presence is None:
        presence = presence_by_turning(model, image, region, predicted.points, timings)
    is_sure = presence >= SURE_PRESENCE and (
        first_presence is None or first_presence >= SURE_PRESENCE
    )
    return Look(predicted, presence, is_sure)
