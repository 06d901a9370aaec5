"""Mean and spread of every coordinate over a dataset: what the network's outputs are scaled by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge_runtime.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Standardisation:
    """landmarks in crop units = network output * std + mean; both (N, 3)."""

    mean: FloatArray
    std: FloatArray

    @classmethod
    def measure(cls, landmarks: Iterable[FloatArray]) -> Standardisation:
        """Over landmarks (N, 3) in crop units; the caller adds the mirrored ones."""
        stacked = np.stack(list(landmarks)).astype(np.float64)
        return cls(stacked.mean(axis=0).astype(np.float32), stacked.std(axis=0).astype(np.float32))

    def apply(self, landmarks: FloatArray) -> FloatArray:
        """Crop units (..., N, 3) to what the network is trained to predict."""
        return ((landmarks - self.mean) / self.std).astype(np.float32)

    def undo(self, outputs: FloatArray) -> FloatArray:
        """Network outputs (..., N, 3) to crop units."""
        return (outputs * self.std + self.mean).astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        return {
            "mean": np.round(self.mean.astype(float), 7).tolist(),
            "std": np.round(self.std.astype(float), 7).tolist(),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Standardisation:
        return cls(np.array(stored["mean"], np.float32), np.array(stored["std"], np.float32))
