"""How well a presence output tells faces from what is none: the ROC curve and a limit on it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from edge_runtime.arrays import BoolArray, Float64Array
from edge_runtime.atomic_file import write_whole
from edge_runtime.errors import Face520Error
from training.evaluation.roc import roc_auc

# Most faces that the stated limit may refuse.
REFUSED_FACES = 0.01


class PresenceScoreError(Face520Error):
    """Presence cannot be scored: no such output, no samples of a kind, or no numbers."""


@dataclass(frozen=True, eq=False)
class PresenceScores:
    """Presence of held-out faces (F,) and of crops without one (E,), 0 to 1."""

    faces: Float64Array
    empty: Float64Array

    @classmethod
    def of(cls, scores: NDArray[Any], is_face: BoolArray) -> PresenceScores:
        """From scores (N,) and which of them are faces (N,).

        Raises PresenceScoreError unless both kinds are there and every score is a number.
        """
        values = np.asarray(scores, np.float64)
        if values.shape != is_face.shape or values.ndim != 1 or np.isnan(values).any():
            raise PresenceScoreError("presence: expected a number for each label (N,).")
        if is_face.all() or not is_face.any():
            raise PresenceScoreError(
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


def draw_roc(scores: PresenceScores, path: Path) -> None:
    """Write the ROC curve as a PNG, errors on logarithmic axes. Raises OutputWriteError."""
    accepted_empty, accepted_faces = scores.roc_curve()
    limit = scores.limit()
    # No error at all has no place on such an axis: half of one error stands for it.
    least = 0.5 / max(len(scores.faces), len(scores.empty))
    figure = Figure(figsize=(6.5, 5.5), dpi=110, layout="constrained")
    axes = figure.subplots()
    refused_faces = np.maximum(1 - accepted_faces, least)
    axes.step(np.maximum(accepted_empty, least), refused_faces, where="post")
    axes.plot(
        max(scores.accepted_empty(limit), least),
        max(scores.refused_faces(limit), least),
        "o",
        label=f"limit {limit:.3f}",
    )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(f"share of {len(scores.empty)} crops without a face accepted")
    axes.set_ylabel(f"share of {len(scores.faces)} faces refused")
    axes.set_title(f"presence, ROC-AUC {scores.roc_auc:.5f}", fontsize=11)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right")
    encoded = BytesIO()
    figure.savefig(encoded, format="png")
    write_whole(path, encoded.getvalue())
