"""What the network sees: records -> augmented crops -> standardised targets -> batches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.crop import CropRegion, to_crop_units
from edge_runtime.layout import IBUG68_COUNT, Layout, has_mirror_pairs
from training.crops.augment import (
    Augmentation,
    LabelledCrop,
    augmented_crop,
    centred_crop,
    damaged,
)
from training.crops.negatives import negative_crop
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord, LabelSource, unknown
from training.network.model import network_input
from training.network.standardisation import Standardisation


class CropTerms(NamedTuple):
    """What training sees of one crop; a crop without a face has no weight in the landmarks' loss.

    The landmarks' fourth number is how far each of them is to be trusted, 0 or 1. Expression and
    visibility are NaN where nobody knows.
    """

    image: Uint8Image  # (S, S, 3) RGB
    landmarks: FloatArray  # (N, 4) standardised x, y, z, and trust
    weight: np.float32  # of the landmarks' loss
    presence: FloatArray  # (1,)
    presence_weight: np.float32
    expression: FloatArray  # (52,)
    visibility: FloatArray  # (N,)


# The same of B crops, stacked.
CropColumns = tuple[NDArray[Any], ...]
# Normalised crops (B, S, S, 3), targets by the network's output names and, under the same names,
# weights (B,): as Keras' fit takes them.
NetworkBatch = tuple[FloatArray, dict[str, FloatArray], dict[str, FloatArray]]
# Of the 68 landmarks: where a face that nobody looked at has the average eyes and lips.
EYES_AND_LIPS = slice(36, 68)


@dataclass(frozen=True)
class CropPlan:
    """How a record becomes what the network sees; a crop in negative_share shows no face.

    outputs: what the network predicts beside landmarks, of "presence", "expression", "visibility".
    """

    layout: Layout
    standardisation: Standardisation
    augmentation: Augmentation
    size_px: int
    negative_share: float = 0.0
    outputs: tuple[str, ...] = ()

    def augmented(self, record: FaceRecord, rng: np.random.Generator) -> CropTerms:
        """A random crop of the record; same rng, same crop."""
        if rng.random() < self.negative_share:
            empty = negative_crop(record.image(), record.landmarks, self.size_px, rng)
            return self._negative(damaged(empty, self.augmentation, rng))
        mirror = self.layout.mirror
        crop = augmented_crop(record, mirror, self.size_px, self.augmentation, rng)
        return self._positive(crop, record.label_source)

    def centred(self, record: FaceRecord) -> CropTerms:
        """The record's own crop without augmentation."""
        return self._positive(centred_crop(record, self.size_px), record.label_source)

    def network_batch(self, columns: CropColumns) -> NetworkBatch:
        """What Keras' fit takes, of stacked terms."""
        column = dict(zip(CropTerms._fields, columns))
        names = ("landmarks", *self.outputs)
        weight_of = {"landmarks": column["weight"], "presence": column["presence_weight"]}
        one = np.ones(len(column["image"]), np.float32)
        return (
            network_input(column["image"]),
            {name: column[name] for name in names},
            {name: weight_of.get(name, one) for name in names},
        )

    def _positive(self, crop: LabelledCrop, source: LabelSource) -> CropTerms:
        width, height = np.ptp(crop.landmarks[:IBUG68_COUNT, :2], axis=0)
        # The loss is in px of the crop, the score in parts of sqrt(w*h): a profile, narrow in its
        # crop, counts more. 0.6 is about the mean of sqrt(w*h), which keeps weights near 1.
        weight = np.float32(0.6 / max(float(np.sqrt(width * height)), 0.2))
        trust = np.ones((len(crop.landmarks), 1), np.float32)
        if source is LabelSource.NOBODY:
            trust[EYES_AND_LIPS] = 0
        target = np.concatenate([self.standardisation.apply(crop.landmarks), trust], axis=1)
        # Faces and misses count the same in the presence loss, however rare misses are.
        share = np.float32(0.5 / (1 - self.negative_share))
        is_face = np.ones(1, np.float32)
        return CropTerms(
            crop.image, target, weight, is_face, share, crop.expression, crop.visibility
        )

    def _negative(self, image: Uint8Image) -> CropTerms:
        count = len(self.layout)
        no_landmarks, share = (
            np.zeros((count, 4), np.float32),
            np.float32(0.5 / self.negative_share),
        )
        no_face, no_expression = np.zeros(1, np.float32), unknown(len(BLENDSHAPE_NAMES))
        return CropTerms(
            image, no_landmarks, np.float32(0), no_face, share, no_expression, unknown(count)
        )


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
        region = CropRegion.around_landmarks(record.landmarks)
        in_crop = to_crop_units(region.to_crop(record.landmarks, size_px), size_px)
        landmarks.append(in_crop)
        if has_pairs:
            landmarks.append(in_crop[dataset.layout.mirror] * np.array([-1, 1, 1], np.float32))
    return Standardisation.measure(landmarks)
