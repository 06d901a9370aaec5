"""Crops of real photos, turned and rare faces among them, to calibrate and test integers on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from conversion.network import Network
from edge_runtime.arrays import Float64Array, Uint8Image
from edge_runtime.face_landmarks import AspectRatios
from training.crops.augment import Augmentation, augmented_crop, centred_crop
from training.crops.negatives import negative_crop
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord
from training.open_faces import open_photos
from training.open_faces.found_faces import found_faces

# |yaw| ranges drawn from equally; profiles are rare in photos and widest in their outputs.
YAW_EDGES_DEG = (15, 30, 45, 60)
# Every second face moves in its crop as in training, for so it does between frames of a video: on
# centred ones alone the ranges are too narrow, and a face off the middle is clipped.
MOVED = replace(Augmentation(), mirror_chance=0.0)
NEGATIVES_PER_FACE = 0.2
# Openings (`FaceLandmarks.openings`) of rare faces: lids and lips swing widest in these, and what
# no face of the choice shows is clipped.
CLOSED_EYE, WIDE_MOUTH = 0.2, 0.6
RARE_SHARE = 0.1  # of the choice, for each of the two
# A range is as wide as the widest face that was looked at; what lies beyond is clipped. Rounding
# the outputs of main 1.0.0 alone puts a point more than 3 px off in 6.8 % of 500 held-out crops
# with the ranges of 500 faces, in 1.2 % with those of 3000. The mean hardly changes (0.136, 0.132
# px): longer steps cost what less clipping saves.
POOL_FACES = 3000


@dataclass(frozen=True, eq=False)
class RepresentativeCrops:
    """Faces (C, S, S, 3) RGB with their yaw (C,), and crops (K, S, S, 3) without a usable face."""

    faces: Uint8Image
    yaw_deg: Float64Array
    negatives: Uint8Image

    @property
    def faces_per_yaw(self) -> dict[str, int]:
        """How many faces lie in each range of |yaw|."""
        place = np.digitize(np.abs(self.yaw_deg), YAW_EDGES_DEG)
        edges = (0, *YAW_EDGES_DEG, 90)
        return {
            f"{low}-{high}": int((place == index).sum())
            for index, (low, high) in enumerate(pairwise(edges))
        }

    def choose(self, places: list[int]) -> RepresentativeCrops:
        """Some of the faces; the negatives stay."""
        return RepresentativeCrops(self.faces[places], self.yaw_deg[places], self.negatives)


def open_crops(size_px: int, seed: int = 520) -> RepresentativeCrops:
    """Faces of the photos that come with face520, for want of a dataset: 102 people, all frontal.

    Their squares are where the bundled model sees them. Good to check a file on; ranges set on them
    would cut off what a profile needs.
    """
    return _cropped(found_faces(open_photos()), size_px, seed)


def representative_crops(
    dataset: Dataset, split: str, count: int, size_px: int, seed: int = 520
) -> RepresentativeCrops:
    """Faces (count or fewer) of a split; same arguments, same crops.

    RARE_SHARE of them have an eye closed, as many a wide mouth, where there are so many; the others
    are spread evenly over |yaw|.
    """
    return _cropped(_balanced(dataset, split, count, seed), size_px, seed)


def _cropped(chosen: list[FaceRecord], size_px: int, seed: int) -> RepresentativeCrops:
    faces, negatives = [], []
    for place, record in enumerate(chosen):
        rng = np.random.default_rng((seed, place))
        image = record.image()
        faces.append(_face_crop(record, size_px, rng if place % 2 else None))
        if place % round(1 / NEGATIVES_PER_FACE) == 0:
            negatives.append(negative_crop(image, record.landmarks, size_px, rng))
    yaw_deg = np.array([record.yaw_deg for record in chosen])
    return RepresentativeCrops(np.stack(faces), yaw_deg, np.stack(negatives))


def calibration_crops(network: Network, dataset: Dataset, count: int) -> RepresentativeCrops:
    """Training faces, balanced: `count` of them, and every one that a range ends at.

    The latter are those of POOL_FACES for which one of the network's outputs is the largest or the
    smallest of all; there are fewer than 3 * landmarks * 2, about a hundred in practice.
    """
    pool = representative_crops(dataset, "train", POOL_FACES, network.size_px)
    outputs = network.run(pool.faces)["landmarks"].reshape(len(pool.faces), -1)
    extremes = {*outputs.argmin(axis=0).tolist(), *outputs.argmax(axis=0).tolist()}
    # The pool is sorted by kind of face: an even stride keeps the balance.
    balanced = np.linspace(0, len(pool.faces) - 1, min(count, len(pool.faces))).astype(int)
    return pool.choose(sorted(extremes.union(balanced.tolist())))


def _face_crop(record: FaceRecord, size_px: int, rng: np.random.Generator | None) -> Any:
    if rng is None:
        return centred_crop(record, size_px).image
    same = np.arange(len(record.landmarks))
    return augmented_crop(record, same, size_px, MOVED, rng).image


def _balanced(dataset: Dataset, split: str, count: int, seed: int) -> list[FaceRecord]:
    """Faces even over |yaw|, then those with closed eyes, then those with wide mouths."""
    rng = np.random.default_rng(seed)
    usual: dict[int, list[FaceRecord]] = {}
    rare: tuple[list[FaceRecord], ...] = ([], [])
    for record in dataset.split(split):
        openings = AspectRatios.of(record.landmarks).openings
        if min(openings.left_eye, openings.right_eye) < CLOSED_EYE:
            rare[0].append(record)
        elif openings.mouth > WIDE_MOUTH:
            rare[1].append(record)
        else:
            usual.setdefault(_yaw_range(record), []).append(record)
    picked = [_some(records, round(RARE_SHARE * count), rng) for records in rare]
    count -= sum(map(len, picked))
    chosen: list[FaceRecord] = []
    # Smallest range first: what it cannot fill, the larger ones share.
    for place, records in enumerate(sorted(usual.values(), key=len)):
        chosen += _some(records, (count - len(chosen)) // (len(usual) - place), rng)
    return [*chosen, *picked[0], *picked[1]]


def _yaw_range(record: FaceRecord) -> int:
    return int(np.digitize(abs(record.yaw_deg), YAW_EDGES_DEG))


def _some(records: list[FaceRecord], count: int, rng: np.random.Generator) -> list[FaceRecord]:
    return [records[place] for place in sorted(rng.permutation(len(records))[:count].tolist())]
