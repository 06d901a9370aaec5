"""How well a model knows which of the 68 landmarks the camera sees, against people's word."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray, Uint8Array
from training.dataset.records import COVERED, HIDDEN_BY_FACE, NO_WORD, SEEN
from training.evaluation.roc import roc_auc


@dataclass(frozen=True)
class UnseenScore:
    """Landmarks that people call unseen for one reason, against those that they see.

    auc: area under the ROC curve; place_auc: what one would get from the landmark's number alone,
    by how often it is unseen among these very faces. None without landmarks of both kinds.
    """

    landmarks: int
    auc: float | None
    place_auc: float | None

    @classmethod
    def of(cls, visibility: FloatArray, occlusion68: Uint8Array, reason: int) -> UnseenScore:
        """Of probabilities of being seen (F, 68) and people's word (F, 68)."""
        unseen, seen = occlusion68 == reason, occlusion68 == SEEN
        if not unseen.any() or not seen.any():
            return cls(int(unseen.sum()), None, None)
        judged = np.maximum(unseen.sum(axis=0) + seen.sum(axis=0), 1)
        by_place: Float64Array = np.broadcast_to(seen.sum(axis=0) / judged, seen.shape)
        return cls(
            int(unseen.sum()),
            roc_auc(visibility[seen], visibility[unseen]),
            roc_auc(by_place[seen], by_place[unseen]),
        )


@dataclass(frozen=True)
class VisibilityScores:
    """faces: of which people said anything; seen: landmarks that they see."""

    faces: int
    seen: int
    covered: UnseenScore
    hidden_by_face: UnseenScore

    @classmethod
    def of(cls, visibility: FloatArray, occlusion68: Uint8Array) -> VisibilityScores:
        """Of probabilities of being seen (F, 68) and people's word (F, 68)."""
        return cls(
            faces=int((occlusion68 != NO_WORD).any(axis=1).sum()),
            seen=int((occlusion68 == SEEN).sum()),
            covered=UnseenScore.of(visibility, occlusion68, COVERED),
            hidden_by_face=UnseenScore.of(visibility, occlusion68, HIDDEN_BY_FACE),
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
