from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from conversion import representative
from conversion.representative import (
    CLOSED_EYE,
    WIDE_MOUTH,
    YAW_EDGES_DEG,
    open_crops,
    representative_crops,
)
from edge_runtime.face_landmarks import INNER_MOUTH, LEFT_EYE, RIGHT_EYE, AspectRatios
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord


def test_the_same_every_time(dataset_path: Path) -> None:
    one = representative_crops(Dataset.open(dataset_path), "train", 10, 64)
    again = representative_crops(Dataset.open(dataset_path), "train", 10, 64)
    assert one.faces.shape == (10, 64, 64, 3) and one.faces.dtype == np.uint8
    assert len(one.negatives) == 2
    np.testing.assert_array_equal(one.faces, again.faces)
    np.testing.assert_array_equal(one.negatives, again.negatives)


def test_no_range_of_yaw_is_left_out(dataset_path: Path) -> None:
    """The 20 made-up training faces are spread over -80 to 80 degrees."""
    chosen = representative_crops(Dataset.open(dataset_path), "train", 10, 64)
    counts = chosen.faces_per_yaw
    assert len(counts) == len(YAW_EDGES_DEG) + 1 and sum(counts.values()) == 10
    assert max(counts.values()) <= 4 and np.count_nonzero(list(counts.values())) >= 4


def test_closed_eyes_and_wide_mouths_are_among_them(dataset_path: Path) -> None:
    """Four of 20 faces have an eye shut, two a wide mouth: of ten, one each."""
    records = list(Dataset.open(dataset_path).split("train"))
    usual = [AspectRatios.of(one.landmarks).openings for one in records]
    assert min(min(one.left_eye, one.right_eye) for one in usual) > CLOSED_EYE
    for number, pairs, factor in (
        (3, RIGHT_EYE[1], 0),
        (8, LEFT_EYE[1], 0),
        (5, INNER_MOUTH[1], 40),
    ):
        for moved in (number, number + 6):
            records[moved] = opened(records[moved], pairs, factor)
    dataset = SimpleNamespace(split=lambda name: records)
    chosen = representative._balanced(dataset, "train", 10, 520)
    openings = [AspectRatios.of(one.landmarks).openings for one in chosen]
    assert len(chosen) == 10
    assert sum(min(one.left_eye, one.right_eye) < CLOSED_EYE for one in openings) == 1
    assert sum(one.mouth > WIDE_MOUTH for one in openings) == 1


def opened(record: FaceRecord, pairs: tuple[tuple[int, int], ...], factor: float) -> FaceRecord:
    points = record.landmarks.copy()
    for above, below in pairs:
        middle = (points[above] + points[below]) / 2
        points[[above, below]] = middle + factor * (points[[above, below]] - middle)
    return replace(record, landmarks=points)


def test_the_open_photos_stand_in_for_a_dataset() -> None:
    """Nobody is missed, and each time the same crops come out."""
    crops = open_crops(48)
    assert crops.faces.shape == (204, 48, 48, 3) and len(crops.negatives) == 41
    assert np.abs(crops.yaw_deg).max() < 20
    np.testing.assert_array_equal(open_crops(48).faces, crops.faces)
