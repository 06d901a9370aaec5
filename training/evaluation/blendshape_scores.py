"""How well a model's blendshapes follow their labels, each for itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES, NEUTRAL
from training.evaluation.openness import Agreement

MOST_USED = 10


@dataclass(frozen=True)
class BlendshapeScore:
    """mean_label: of the faces whose label is known; agreement: the model's with it."""

    name: str
    mean_label: float
    agreement: Agreement


@dataclass(frozen=True)
class BlendshapeScores:
    """A score for every blendshape that some label knows, in the order of BLENDSHAPE_NAMES."""

    each: tuple[BlendshapeScore, ...]

    @classmethod
    def of(cls, predicted: FloatArray, labels: FloatArray) -> BlendshapeScores:
        """Of coefficients (F, 52) and labels (F, 52); NaN is unknown on either side."""
        scores = []
        for name, one, label in zip(BLENDSHAPE_NAMES, predicted.T, labels.T):
            known = np.isfinite(one) & np.isfinite(label)
            if known.any():
                labelled: Float64Array = label[known].astype(np.float64)
                agreement = Agreement.of(one[known].astype(np.float64), labelled)
                scores.append(BlendshapeScore(name, float(labelled.mean()), agreement))
        return cls(tuple(scores))

    @property
    def most_used(self) -> tuple[BlendshapeScore, ...]:
        """The ten with the largest mean label, the largest first; `_neutral` is no movement."""
        moving = [score for score in self.each if score.name != BLENDSHAPE_NAMES[NEUTRAL]]
        return tuple(sorted(moving, key=lambda score: -score.mean_label)[:MOST_USED])

    @property
    def mean_correlation(self) -> float | None:
        """Mean over the blendshapes that have a correlation."""
        found = [one.agreement.correlation for one in self.each]
        numbers = [value for value in found if value is not None]
        return float(np.mean(numbers)) if numbers else None

    def to_json(self) -> dict[str, Any]:
        return {
            "mean_correlation": self.mean_correlation,
            "most_used": [score.name for score in self.most_used],
            "each": {
                score.name: {"mean_label": score.mean_label} | asdict(score.agreement)
                for score in self.each
            },
        }
