"""Crops of real faces, as many turned as frontal, to calibrate and test int8 on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.augment import centred_crop
from training.dataset import read_split
from training.records import FaceRecord

# |yaw| ranges drawn from equally; profiles are rare in photos and widest in their outputs.
YAW_EDGES_DEG = (15, 30, 45, 60)


def representative_crops(
    dataset: Path, split: str, count: int, size_px: int, seed: int = 520
) -> NDArray[np.uint8]:
    """RGB crops (count or fewer, S, S, 3) of a split, spread evenly over |yaw|."""
    by_yaw: dict[int, list[FaceRecord]] = {}
    for record in read_split(dataset, split):
        by_yaw.setdefault(int(np.digitize(abs(record.yaw_deg), YAW_EDGES_DEG)), []).append(record)
    rng = np.random.default_rng(seed)
    chosen: list[FaceRecord] = []
    # Smallest range first: what it cannot fill, the larger ones share.
    for place, records in enumerate(sorted(by_yaw.values(), key=len)):
        share = (count - len(chosen)) // (len(by_yaw) - place)
        picked = rng.permutation(len(records))[:share]
        chosen += [records[index] for index in sorted(picked.tolist())]
    return np.stack(
        [centred_crop(record.image(), record.landmarks, size_px).image for record in chosen]
    )
