from pathlib import Path

import numpy as np

from conversion.representative import YAW_EDGES_DEG, representative_crops
from training.dataset.dataset import Dataset


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
