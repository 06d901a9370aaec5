"""Crops of held-out photos that presence is scored on: each face, and a place without one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_runtime.arrays import BoolArray, Uint8Image
from edge_runtime.layout import Layout
from training.crops.augment import UNDAMAGED, augmented_crop
from training.crops.negatives import negative_crop
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord
from training.evaluation.presence import PresenceScoreError, PresenceScores
from training.run.scored_model import ScoredModel

SEED = 520


@dataclass(frozen=True, eq=False)
class PresenceSamples:
    """Crops (2 * P, S, S, 3) of P held-out photos: their faces, then a place without one in each.

    The same photos always give the same crops.
    """

    crops: Uint8Image
    is_face: BoolArray

    @classmethod
    def of(cls, dataset: Dataset, size_px: int) -> PresenceSamples:
        """Cut them; raises DatasetError."""
        pairs = [
            _pair(record, dataset.layout, size_px, np.random.default_rng((SEED, position)))
            for position, record in enumerate(dataset.split("val"))
        ]
        crops = np.stack([face for face, _ in pairs] + [empty for _, empty in pairs])
        return cls(crops, np.arange(len(crops)) < len(pairs))

    def score(self, model: ScoredModel, batch: int = 100) -> PresenceScores:
        """Run a model on all of them; raises PresenceScoreError for one without presence."""
        predict = model.presence
        if predict is None:
            raise PresenceScoreError(
                f"{model.name}: has no presence output. Train an experiment whose model has one "
                "(has_presence=True, negative_share above 0)."
            )
        starts = range(0, len(self.crops), batch)
        scores = [predict(self.crops[start : start + batch]) for start in starts]
        return PresenceScores.of(np.concatenate(scores), self.is_face)


def _pair(
    record: FaceRecord, layout: Layout, size_px: int, rng: np.random.Generator
) -> tuple[Uint8Image, Uint8Image]:
    image = record.image()
    # Moved, turned and scaled as in training, for a detector and a tracker crop no better.
    face = augmented_crop(image, record.landmarks, layout.mirror, size_px, UNDAMAGED, rng)
    return face.image, negative_crop(image, record.landmarks, size_px, rng)
