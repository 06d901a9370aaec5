"""What the network sees: records -> augmented crops -> standardised targets -> batches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.layout import IBUG68_COUNT, Layout, has_mirror_pairs
from training.crops.augment import (
    Augmentation,
    LabelledCrop,
    augmented_crop,
    centred_crop,
    damaged,
    mirrored,
)
from training.crops.negatives import negative_crop
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord
from training.network.model import network_input
from training.network.standardisation import Standardisation

# RGB crop (S, S, 3), standardised landmarks (N, 3) and their weight in the loss, presence (1,) and
# its weight.
CropTerms = tuple[Uint8Image, FloatArray, np.float32, FloatArray, np.float32]
# The same of B crops, stacked.
CropColumns = tuple[NDArray[Any], ...]
# Normalised crops (B, S, S, 3), targets {"landmarks": (B, N, 3)[, "presence": (B, 1)]} and, under
# the same names, weights (B,): as Keras' fit takes them.
NetworkBatch = tuple[FloatArray, dict[str, FloatArray], dict[str, FloatArray]]


@dataclass(frozen=True)
class CropPlan:
    """How a record becomes what the network sees; a crop in negative_share shows no face."""

    layout: Layout
    standardisation: Standardisation
    augmentation: Augmentation
    size_px: int
    negative_share: float = 0.0

    def augmented(self, record: FaceRecord, rng: np.random.Generator) -> CropTerms:
        """A random crop of the record; same rng, same crop."""
        if rng.random() < self.negative_share:
            empty = negative_crop(record.image(), record.landmarks, self.size_px, rng)
            return self._negative(damaged(empty, self.augmentation, rng))
        crop = augmented_crop(
            record.image(),
            record.landmarks,
            self.layout.mirror,
            self.size_px,
            self.augmentation,
            rng,
        )
        return self._positive(crop)

    def centred(self, record: FaceRecord) -> CropTerms:
        """The record's own crop without augmentation."""
        return self._positive(centred_crop(record.image(), record.landmarks, self.size_px))

    def network_batch(self, columns: CropColumns) -> NetworkBatch:
        """What Keras' fit takes, of stacked terms."""
        crops, landmarks, weight, presence, presence_weight = columns
        targets, weights = {"landmarks": landmarks}, {"landmarks": weight}
        if self.negative_share:
            targets["presence"], weights["presence"] = presence, presence_weight
        return network_input(crops), targets, weights

    def _positive(self, crop: LabelledCrop) -> CropTerms:
        width, height = np.ptp(crop.landmarks[:IBUG68_COUNT, :2], axis=0)
        # The loss is in px of the crop, the score in parts of sqrt(w*h): a profile, narrow in its
        # crop, counts more. 0.6 is about the mean of sqrt(w*h), which keeps weights near 1.
        weight = np.float32(0.6 / max(float(np.sqrt(width * height)), 0.2))
        target = self.standardisation.apply(crop.landmarks)
        # Faces and misses count the same in the presence loss, however rare misses are.
        share = np.float32(0.5 / (1 - self.negative_share))
        return crop.image, target, weight, np.ones(1, np.float32), share

    def _negative(self, image: NDArray[Any]) -> CropTerms:
        no_landmarks = np.zeros((len(self.layout), 3), np.float32)
        share = np.float32(0.5 / self.negative_share)
        return image, no_landmarks, np.float32(0), np.zeros(1, np.float32), share


@dataclass(frozen=True, eq=False)
class HeldOutFaces:
    """The validation split in shard order, without augmentation or negatives."""

    plan: CropPlan
    columns: CropColumns

    @classmethod
    def read(cls, dataset: Dataset, plan: CropPlan) -> HeldOutFaces:
        """Crop every face of the split; raises DatasetError or RecordError."""
        terms = [plan.centred(record) for record in dataset.split("val")]
        return cls(plan, stacked(terms))

    def __len__(self) -> int:
        return len(self.columns[0])

    def batch(self, first: int, stop: int) -> NetworkBatch:
        """Faces first to stop, stop not included."""
        return self.plan.network_batch(tuple(column[first:stop] for column in self.columns))


def stacked(terms: Iterable[CropTerms]) -> CropColumns:
    """Columns of terms."""
    return tuple(np.stack(column) for column in zip(*terms))


def measure_standardisation(dataset: Dataset, size_px: int) -> Standardisation:
    """Over the training faces, and their mirror images if they have, without augmentation."""
    landmarks, has_pairs = [], has_mirror_pairs(dataset.layout)
    for record in dataset.split("train"):
        crop = centred_crop(np.zeros((1, 1, 3), np.uint8), record.landmarks, size_px)
        landmarks.append(crop.landmarks)
        if has_pairs:
            landmarks.append(mirrored(crop, dataset.layout.mirror).landmarks)
    return Standardisation.measure(landmarks)
