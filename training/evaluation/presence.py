"""How well a presence output tells faces from what is none: samples, ROC curve, a limit on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import BoolArray, Float64Array, Uint8Image
from edge_runtime.layout import Layout
from training.crops.augment import UNDAMAGED, augmented_crop
from training.crops.negatives import negative_crop
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord
from training.errors import EvaluationError
from training.evaluation.roc import roc_auc
from training.run.scored_model import ScoredModel

# Most faces that the stated limit may refuse.
REFUSED_FACES = 0.01
SEED = 520


@dataclass(frozen=True, eq=False)
class PresenceScores:
    """Presence of held-out faces (F,) and of crops without one (E,), 0 to 1."""

    faces: Float64Array
    empty: Float64Array

    @classmethod
    def of(cls, scores: NDArray[Any], is_face: BoolArray) -> PresenceScores:
        """From scores (N,) and which of them are faces (N,).

        Raises EvaluationError unless both kinds are there and every score is a number.
        """
        values = np.asarray(scores, np.float64)
        if values.shape != is_face.shape or values.ndim != 1 or np.isnan(values).any():
            raise EvaluationError("presence: expected a number for each label (N,).")
        if is_face.all() or not is_face.any():
            raise EvaluationError(
                "presence: needs faces and crops without one; there is only one kind."
            )
        return cls(values[is_face], values[~is_face])

    @property
    def roc_auc(self) -> float:
        """Probability that a face scores above an empty crop, a tie counting half."""
        return roc_auc(self.faces, self.empty)

    def limit(self, refused: float = REFUSED_FACES) -> float:
        """The highest limit below which at most this share of the faces lies."""
        lowest_kept = int(np.floor(refused * len(self.faces)))
        return float(np.sort(self.faces)[min(lowest_kept, len(self.faces) - 1)])

    def refused_faces(self, limit: float) -> float:
        """Share of faces below a limit."""
        return float((self.faces < limit).mean())

    def accepted_empty(self, limit: float) -> float:
        """Share of empty crops at or above a limit: the rate of false accepts."""
        return float((self.empty >= limit).mean())

    def roc_curve(self) -> tuple[Float64Array, Float64Array]:
        """Shares of empty crops and of faces accepted (K,), from the strictest limit to the laxest.

        Begins at (0, 0), ends at (1, 1), one point for each distinct score between.
        """
        limits = np.append(np.inf, np.unique(np.concatenate([self.faces, self.empty]))[::-1])
        accepted = [
            1 - np.searchsorted(np.sort(kind), limits, "left") / len(kind)
            for kind in (self.empty, self.faces)
        ]
        return accepted[0], accepted[1]

    def to_json(self) -> dict[str, Any]:
        limit = self.limit()
        return {
            "faces": len(self.faces),
            "empty": len(self.empty),
            "roc_auc": self.roc_auc,
            "limit": limit,
            "refused_faces": self.refused_faces(limit),
            "accepted_empty": self.accepted_empty(limit),
        }


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
        """Run a model on all of them; raises EvaluationError for one without presence."""
        predict = model.presence
        if predict is None:
            raise EvaluationError(
                f"{model.name}: has no presence output. Train an experiment whose model has one "
                "(has_presence=True, negative_share above 0)."
            )
        starts = range(0, len(self.crops), batch)
        scores = [predict(self.crops[start : start + batch]) for start in starts]
        return PresenceScores.of(np.concatenate(scores), self.is_face)


def _pair(
    record: FaceRecord, layout: Layout, size_px: int, rng: np.random.Generator
) -> tuple[Uint8Image, Uint8Image]:
    # Moved, turned and scaled as in training, for a detector and a tracker crop no better.
    face = augmented_crop(record, layout.mirror, size_px, UNDAMAGED, rng)
    return face.image, negative_crop(record.image(), record.landmarks, size_px, rng)
