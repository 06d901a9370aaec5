"""`python -m benchmarks.studies.square_offsets DATA`: how far off the runtime's squares are.

DATA holds `face_model.npz`, `faces.zip` and `fits.npz`; the photos are held out of training. Both
squares that the runtime cuts, the detector's and the one around the landmarks found in it, against
the true ones: what the squares of `training.evaluation.held_out_scores` stand for. Spread is that
of the middle: 1.48 times the median distance from the median.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.studies.study import fitted_photos, in_plane_roll_deg, print_study, square_offset
from edge_runtime.arrays import Float64Array
from edge_runtime.crop import CropRegion
from edge_runtime.detection.detection_square import square_around
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.tracking.first_look import drawn_in_around
from training.evaluation.held_out_scores import SQUARES

SCORED_WITH = {"detector": SQUARES["far off"], "second pass": SQUARES["tracked"]}


@dataclass(frozen=True)
class SquareSpread:
    """Spread of the shift in sides along x and y, of log(side), and of the roll, over faces."""

    faces: int
    shift_x: float
    shift_y: float
    scale: float
    roll_deg: float


def measure(data: Path) -> dict[str, SquareSpread]:
    """Under the names of SCORED_WITH. Raises Face520Error."""
    photos, face_model = fitted_photos(data)
    chosen = np.flatnonzero(photos.held_out).tolist()
    detected, second = [], []
    with FaceLandmarker.create(MODEL_PATH) as landmarker:
        for index, image in zip(chosen, photos.images(chosen)):
            truth = photos.landmarks68(face_model, [index])[0, :, :2]
            true = CropRegion.around_landmarks(truth, in_plane_roll_deg(photos, index))
            for detection in landmarker.detector.detect(image)[:1]:
                region = square_around(detection)
                points = landmarker.landmarks_in(image, region).points
                detected.append(square_offset(region, true))
                second.append(square_offset(drawn_in_around(points, region), true))
    return {"detector": _spread(detected), "second pass": _spread(second)}


def _spread(offsets: list[tuple[float, float, float, float]]) -> SquareSpread:
    """Of each column, the standard deviation of a normal distribution with that middle half."""
    values: Float64Array = np.array(offsets)
    middle = 1.4826 * np.median(np.abs(values - np.median(values, axis=0)), axis=0)
    return SquareSpread(len(values), *middle.tolist())


def lines(data: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    for name, found in measure(data).items():
        scored = SCORED_WITH[name]
        yield (
            f"{name}: scale {found.scale:.3f}, shift {found.shift_x:.3f} {found.shift_y:.3f}, "
            f"roll {found.roll_deg:.1f} deg, of {found.faces} faces; scored with {scored.scale}, "
            f"{scored.shift}, {scored.roll_deg}"
        )


if __name__ == "__main__":
    print_study("benchmarks.studies.square_offsets DATA", lines)
