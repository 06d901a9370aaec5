"""Negatives: what presence learns to refuse must not hold the face where landmarks would go."""

import numpy as np
import pytest

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.image_file import encode_jpeg
from edge_runtime.layout import layout520
from training.crops.augment import Augmentation
from training.crops.crop_plan import CropPlan
from training.crops.negatives import negative_crop
from training.dataset.records import FaceRecord
from training.errors import ExperimentError
from training.experiment import Experiment
from training.network.regressor_config import RegressorConfig
from training.network.standardisation import Standardisation

SIZE_PX = 64


def photo_with_a_white_face() -> tuple[Uint8Image, FloatArray]:
    """A black photo of 160 px whose crop region around the landmarks is white."""
    landmarks = layout520().mean_shape * 80 + np.float32((80, 80, 0))
    region = CropRegion.around_landmarks(landmarks)
    image = np.zeros((160, 160, 3), np.uint8)
    left, top = int(region.center_x - region.side_px / 2), int(region.center_y - region.side_px / 2)
    side_px = int(region.side_px)
    image[top : top + side_px, left : left + side_px] = 255
    return image, landmarks.astype(np.float32)


def test_the_same_rng_gives_the_same_crop() -> None:
    image, landmarks = photo_with_a_white_face()
    for seed in range(20):
        crops = [
            negative_crop(image, landmarks, SIZE_PX, np.random.default_rng(seed)) for _ in range(2)
        ]
        assert crops[0].shape == (SIZE_PX, SIZE_PX, 3) and crops[0].dtype == np.uint8
        np.testing.assert_array_equal(*crops)


def test_the_plan_marks_faces_and_misses() -> None:
    """Landmarks of a miss weigh nothing; both kinds weigh the same in the presence loss."""
    image, landmarks = photo_with_a_white_face()
    record = FaceRecord("one", encode_jpeg(image), landmarks, 0.0)
    zeros = np.zeros((520, 3), np.float32)
    plan = CropPlan(layout520(), Standardisation(zeros, zeros + 1), Augmentation(), SIZE_PX, 0.2)
    terms = [plan.augmented(record, np.random.default_rng(seed)) for seed in range(400)]
    misses, faces = ([term for term in terms if term.presence[0] == kind] for kind in (0, 1))
    assert 50 < len(misses) < 115
    assert all(term.weight == 0 and not term.landmarks.any() for term in misses)
    assert all(np.isnan(term.visibility).all() for term in misses)
    assert all(term.weight > 0 for term in faces)
    weight_of_faces = sum(term.presence_weight for term in faces)
    assert 0.7 < sum(term.presence_weight for term in misses) / weight_of_faces < 1.4


def test_a_shifted_crop_shows_at_most_about_half_of_the_face() -> None:
    """Half of all negatives are cut beside the face: of its white square little is left."""
    from training.crops.negatives import _beside

    image, landmarks = photo_with_a_white_face()
    face = CropRegion.around_landmarks(landmarks)
    shown = []
    for seed in range(200):
        crop = _beside(image, face, SIZE_PX, np.random.default_rng(seed))
        shown.append(float((crop > 127).mean()))
    assert np.mean(shown) < 0.35
    assert max(shown) < 0.75


def test_presence_needs_negatives_and_negatives_presence() -> None:
    with pytest.raises(ExperimentError, match="negative_share"):
        Experiment(name="one", model=RegressorConfig(has_presence=True))
    with pytest.raises(ExperimentError, match="has_presence"):
        Experiment(name="other", negative_share=0.1)
