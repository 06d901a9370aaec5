"""From a detection to landmarks: a first look, and others where the first is doubtful.

A sure look is two passes, the second in a square around what the first found, and seen in a mirror:
the network's mistakes in the two differ, and their mean is more exact than either. The network
leans on its square: where that is off, so are the landmarks, a part of the way. So the second
square goes further than the first pass has moved it (`MORE_SHIFT`, `MORE_SIDE`). Where the two do
not agree, or one of them doubts that this is a face, more passes follow, in narrower and wider
squares too.

The network knows faces up to 90 degrees of roll. Of an upside-down one it draws an average face the
wrong way up, and says of a few of these that they are faces. But then it doubts in the first pass,
before the square is drawn in around its own landmarks; of faces that it gets right, upright ones,
it doubts in neither. `python -m benchmarks.studies.roll` measures both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.detection.detection_square import square_around
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.network.landmark_model import LandmarkModel, Prediction
from edge_runtime.timings import Timings
from edge_runtime.tracking.face_track import region_around
from edge_runtime.tracking.plausibility import movement, presence_by_turning

SURE_PRESENCE = 0.98  # in all passes
SECOND_TURNS_DEG = (180.0, 90.0, 270.0)
WIDER = (1.6, 2.5)  # a detection may hold no more than the middle of a profile
# In parts of the way that the first pass moved the square's centre, and its side's logarithm: the
# slopes of what is still off over that way, of 439 held-out faces turned by 30 degrees and more
# (0.22 and 0.46 with main 1.3.0, 0.24 and 0.59 with small).
MORE_SHIFT, MORE_SIDE = 0.2, 0.45
# Mean distance of two passes' landmarks, in face sizes, up to which they agree: 94 of 100 faces
# up to 30 degrees of yaw, 57 of 100 profiles. Further apart, they are not one face's.
ALIKE, ONE_FACE = 0.015, 0.06
MOST_PASSES = 4
# Sides of two more squares, the first mirrored, for faces on which the passes do not agree: what
# hangs on the square's size is taken out of the mean.
LAST_SIDES = ((0.93, True), (1.08, False))
# Of a pass that sees less than this, no further one makes a face.
HOPELESS_PRESENCE = 0.3
# Many looks find many a thing that is no face: what only another look shows, and what the detector
# itself does not call a face, must be one plainly. A face is looked at in the last squares only
# where it would be given up.
LAST_LOOKS_BELOW, PLAIN_PRESENCE = 0.5, 0.95


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen in a square; is_sure: no other look could show it better."""

    predicted: Prediction
    presence: float
    is_sure: bool

    def is_face(self, detection: FaceDetection, min_presence: float) -> bool:
        """Whether the detection counts as a face."""
        least = max(min_presence, PLAIN_PRESENCE) if detection.is_hint else min_presence
        return self.presence >= least


def look_at_face(
    model: LandmarkModel,
    image: Uint8Image,
    detection: FaceDetection,
    timings: Timings,
    refine: bool = True,
    may_repeat: bool = True,
) -> Look:
    """Landmarks of a detected face in an RGB image (H, W, 3).

    refine: passes after the first, around the landmarks of the one before. may_repeat: a doubtful
    look is repeated with the square turned, by 180 degrees and, where that is doubtful too, by 90
    and 270; the one with the highest presence counts, the later of equal ones. What is no face
    then is looked at in the box's own square and in wider ones.
    """
    square = square_around(detection)
    best = _look(model, image, square, timings, _passes_of(refine, may_repeat))
    if best.is_sure or not may_repeat:
        return best
    for turn_deg in () if detection.is_hint else SECOND_TURNS_DEG:
        turned = replace(square, roll_deg=square.roll_deg + turn_deg)
        look = _look(model, image, turned, timings, _passes_of(refine))
        if look.presence >= max(best.presence, PLAIN_PRESENCE):
            best = look
        if best.presence >= SURE_PRESENCE:
            return best
    for other in _other_squares(square, detection):
        if best.presence >= LAST_LOOKS_BELOW:
            break
        look = _look(model, image, other, timings, _passes_of(refine))
        if look.presence >= PLAIN_PRESENCE:
            best = look
    return best


def _passes_of(refine: bool, may_repeat: bool = True) -> int:
    return (MOST_PASSES if may_repeat else 2) if refine else 1


def _other_squares(square: CropRegion, detection: FaceDetection) -> Iterator[CropRegion]:
    """That of the box, where keypoints may have led astray, and wider ones."""
    of_box = CropRegion.around_detection(detection.box)
    if square != of_box:
        yield of_box
    for wider in WIDER:
        yield square.scaled(wider)


def _look(
    model: LandmarkModel, image: Uint8Image, square: CropRegion, timings: Timings, most_passes: int
) -> Look:
    passes = [model.run(image, square, timings)]
    while len(passes) < most_passes:
        square = drawn_in_around(passes[-1].points, square)
        passes.append(model.run(image, square, timings, mirrored=len(passes) % 2 == 1))
        agree = movement(passes[-1].points, passes[-2].points) < ALIKE
        if _is_hopeless(passes[-1]) or (agree and not _is_doubted(passes)):
            break
    latest = passes[-1]
    presence = latest.presence
    if presence is None:
        presence = presence_by_turning(model, image, square, latest.points, timings)
    is_sure = presence >= SURE_PRESENCE and not _is_doubted(passes)
    if len(passes) > 2 and not _is_hopeless(latest):
        passes = passes[2:] + [
            model.run(image, square.scaled(side), timings, mirrored)
            for side, mirrored in LAST_SIDES
        ]
    return Look(_mean_near(latest, passes), presence, is_sure)


def drawn_in_around(points: FloatArray, square: CropRegion) -> CropRegion:
    """The square for the next pass, from landmarks (520, 3) found in this one."""
    around = region_around(points)
    return replace(
        around,
        center_x=around.center_x + MORE_SHIFT * (around.center_x - square.center_x),
        center_y=around.center_y + MORE_SHIFT * (around.center_y - square.center_y),
        side_px=around.side_px * (around.side_px / square.side_px) ** MORE_SIDE,
    )


def _is_doubted(passes: list[Prediction]) -> bool:
    return any(one.presence is not None and one.presence < SURE_PRESENCE for one in passes)


def _is_hopeless(latest: Prediction) -> bool:
    return latest.presence is not None and latest.presence < HOPELESS_PRESENCE


def _mean_near(latest: Prediction, passes: list[Prediction]) -> Prediction:
    """Of the latest and of what others say of the same face; presence is the latest's."""
    same = [one for one in passes if movement(latest.points, one.points) < ONE_FACE]
    return Prediction(
        points=_mean([one.points for one in same]),
        presence=latest.presence,
        expression=_mean_of_known([one.expression for one in same]),
        visibility=_mean_of_known([one.visibility for one in same]),
    )


def _mean(arrays: list[FloatArray]) -> FloatArray:
    return np.asarray(np.mean(arrays, axis=0), np.float32)


def _mean_of_known(arrays: list[FloatArray | None]) -> FloatArray | None:
    known = [one for one in arrays if one is not None]
    return _mean(known) if known else None
