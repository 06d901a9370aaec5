"""`python -m benchmarks.studies.roll_alignment DATA`: why the runtime's square turns with the head.

DATA holds `face_model.npz`, `faces.zip` and `fits.npz`. Photos turned in the picture plane are
followed for some passes, each square cut from the landmarks of the last: by squares that stay
upright, and by squares turned upright with the head. The photos are training photos: what counts is
the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.studies.study import fitted_photos, print_study, with_margin
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import Box, CropRegion
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.timings import Timings
from edge_runtime.tracking.face_track import region_around
from training.nme import nme_percent

PHOTOS = 200
ROLLS_DEG = (0, 30, 60)
PASSES = 4


def measure(data: Path) -> dict[tuple[int, bool], float]:
    """Mean NME in percent by roll in degrees and whether squares turn. Raises Face520Error."""
    photos, face_model = fitted_photos(data)
    model = LandmarkModel(MODEL_PATH)
    chosen = np.random.default_rng(1).choice(with_margin(photos), PHOTOS, replace=False).tolist()
    scores: dict[tuple[int, bool], list[float]] = {}
    for index, image in zip(chosen, photos.images(chosen)):
        truth = photos.landmarks68(face_model, [index])[0, :, :2]
        height, width = image.shape[:2]
        for roll_deg in ROLLS_DEG:
            turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), roll_deg, 1)
            turned: Uint8Image = np.asarray(cv2.warpAffine(image, turn, (width, height)), np.uint8)
            expected = truth @ turn[:, :2].T + turn[:, 2]
            # Size by the upright box: that of a turned face changes with its angle.
            size = np.sqrt(np.prod(np.ptp(truth, axis=0)) / np.prod(np.ptp(expected, axis=0)))
            for aligned in (False, True):
                points = _followed(model, turned, expected, aligned)
                score = nme_percent(points[None, :68], expected[None])[0] / size
                scores.setdefault((roll_deg, aligned), []).append(float(score))
    return {key: float(np.mean(values)) for key, values in scores.items()}


def _followed(
    model: LandmarkModel, image: Uint8Image, truth: FloatArray, aligned: bool
) -> FloatArray:
    """Landmarks after some passes, each cropped from the last, the first from the true box."""
    region = CropRegion.around_box(Box.around(truth))
    for _ in range(PASSES):
        points = model.run(image, region, Timings()).points
        region = region_around(points) if aligned else CropRegion.around_landmarks(points)
    return points


def lines(data: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    means = measure(data)
    yield f"NME, %, of {PHOTOS} faces after {PASSES} passes: squares upright, turned with the head"
    for roll_deg in ROLLS_DEG:
        upright, aligned = means[roll_deg, False], means[roll_deg, True]
        yield f"turned by {roll_deg:2} deg: {upright:.2f} {aligned:.2f}"


if __name__ == "__main__":
    print_study("benchmarks.studies.roll_alignment DATA", lines)
