"""Crops for quantization-aware training: as the model's own training cut and changed them."""

from __future__ import annotations

from dataclasses import fields

from training.crops.augment import Augmentation
from training.crops.crop_plan import CropPlan
from training.dataset.dataset import Dataset
from training.errors import DatasetError
from training.run.trained_model import TrainedModel


def crop_plan(dataset: Dataset, trained: TrainedModel) -> CropPlan:
    """How the model's own training made crops, for the same stream of them.

    Raises DatasetError for a dataset of another layout than the model's.
    """
    reference = trained.provenance.get("layout")
    if dataset.layout.reference != reference:
        raise DatasetError(
            f"{dataset.directory}: built for layout {dataset.layout.reference}, the model says "
            f"{reference}. Give the dataset that it was trained on."
        )
    return CropPlan(
        layout=dataset.layout,
        standardisation=trained.standardisation,
        augmentation=_augmentation(trained),
        size_px=trained.config.input_size_px,
        negative_share=trained.provenance.get("negative_share", 0.0),
    )


def _augmentation(trained: TrainedModel) -> Augmentation:
    stored = trained.provenance.get("augmentation", {})
    known = {field.name for field in fields(Augmentation)}
    return Augmentation(**{name: value for name, value in stored.items() if name in known})
