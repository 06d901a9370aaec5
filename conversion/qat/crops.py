"""Crops for quantization-aware training: images alone, the float network says what they show."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.arrays import Int64Array, Uint8Image
from training.crops.augment import Augmentation
from training.crops.crop_plan import CropPlan
from training.dataset.manifest import DatasetError, dataset_layout, read_split
from training.dataset.records import FaceRecord
from training.run.trained_model import TrainedModel


@dataclass(frozen=True, eq=False)
class CropStream:
    """Endless batches of augmented crops, each a function of the seed and its number alone."""

    records: tuple[FaceRecord, ...]
    plan: CropPlan
    batch_size: int
    seed: int

    @classmethod
    def open(cls, dataset: Path, trained: TrainedModel, batch_size: int, seed: int) -> CropStream:
        """The training faces, augmented as the model's own training did.

        Raises DatasetError for a missing dataset and for one of another layout than the model's.
        """
        layout = dataset_layout(dataset)
        if layout.reference != trained.provenance.get("layout"):
            raise DatasetError(
                f"{dataset}: built for layout {layout.reference}, the model says "
                f"{trained.provenance.get('layout')}. Give the dataset that it was trained on."
            )
        plan = CropPlan(
            layout=layout,
            standardisation=trained.standardisation,
            augmentation=_augmentation(trained),
            size_px=trained.config.input_size_px,
            negative_share=trained.provenance.get("negative_share", 0.0),
        )
        return cls(tuple(read_split(dataset, "train")), plan, batch_size, seed)

    @property
    def batches_per_pass(self) -> int:
        return max(1, len(self.records) // self.batch_size)

    def batch(self, number: int) -> Uint8Image:
        """RGB crops (B, S, S, 3) of the batch of that number."""
        first = number * self.batch_size
        return np.stack([self._crop(place) for place in range(first, first + self.batch_size)])

    def _crop(self, place: int) -> Any:
        finished_passes, in_pass = divmod(place, len(self.records))
        record = self.records[_order(len(self.records), self.seed, finished_passes)[in_pass]]
        rng = np.random.default_rng((self.seed, finished_passes, in_pass))
        return self.plan.augmented(record, rng)[0]


@lru_cache(maxsize=2)
def _order(count: int, seed: int, finished_passes: int) -> Int64Array:
    return np.random.default_rng((seed, finished_passes)).permutation(count)


def _augmentation(trained: TrainedModel) -> Augmentation:
    stored = trained.provenance.get("augmentation", {})
    known = {field.name for field in fields(Augmentation)}
    return Augmentation(**{name: value for name, value in stored.items() if name in known})
