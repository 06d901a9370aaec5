"""How far off the runtime's squares are on held-out photos: what `held_out_scores` stands for."""

from pathlib import Path

import numpy as np
import pytest

from edge_runtime import Box, CropRegion, FaceLandmarker
from tests.training.photo_truth import truth68
from training.evaluation.held_out_scores import SQUARES
from training.face.face_model import FaceModel
from training.fitting.fitted_photos import FittedPhotos


@pytest.mark.slow
def test_squares_of_the_runtime_are_as_far_off_as_those_scored(real_data: Path) -> None:
    """Prints both; `pytest -s` shows them. Spread is that of the middle, 1.48 times the MAD."""
    photos = FittedPhotos.load(real_data / "faces.zip", real_data / "fits.npz")
    face_model = FaceModel.load(real_data / "face_model.npz")
    chosen = np.random.default_rng(1).choice(np.flatnonzero(photos.held_out), 300, False)
    detected, second = [], []
    with FaceLandmarker.create() as landmarker:
        for index, image in zip(chosen, photos.images(chosen)):
            truth = truth68(photos, face_model, index)[:, :2]
            true = CropRegion.around_box(Box.around(truth))
            for detection in landmarker.detector.detect(image)[:1]:
                region = CropRegion.around_detection(detection.box)
                points = landmarker.landmarks_in(image, region).ibug68[:, :2]
                detected.append([*offset(region, true), 0.0])
                second.append(
                    [*offset(CropRegion.around_landmarks(points), true), roll_deg(points, truth)]
                )
    for name, offsets, scored in (
        ("detector", detected, SQUARES["far off"]),
        ("second pass", second, SQUARES["tracked"]),
    ):
        scale, x, y, roll = spread(np.array(offsets))
        print(
            f"{name}: scale {scale:.3f}, shift {x:.3f} {y:.3f}, roll {roll:.1f} deg, of "
            f"{len(offsets)} faces; scored with {scored.scale}, {scored.shift}, {scored.roll_deg}"
        )
        assert len(offsets) > 0.9 * len(chosen)
        # Scored squares stand for the runtime's as long as none of these is half as large again.
        assert scale < 1.5 * scored.scale and max(x, y) < 1.5 * scored.shift
        assert roll < 1.5 * scored.roll_deg


def offset(region: CropRegion, true: CropRegion) -> tuple[float, float, float]:
    """Log of the sides' ratio, and the shift in sides."""
    shift_x, shift_y = region.center_x - true.center_x, region.center_y - true.center_y
    return np.log(region.side_px / true.side_px), shift_x / true.side_px, shift_y / true.side_px


def roll_deg(points: np.ndarray, truth: np.ndarray) -> float:
    """The turn that brings truth (68, 2) closest to points (68, 2)."""
    one, other = ((xy - xy.mean(axis=0)) @ np.array([1, 1j]) for xy in (points, truth))
    return float(np.degrees(np.angle(np.vdot(other, one))))


def spread(values: np.ndarray) -> np.ndarray:
    """Of each column, in standard deviations of a normal distribution with the same middle half."""
    return 1.4826 * np.median(np.abs(values - np.median(values, axis=0)), axis=0)
