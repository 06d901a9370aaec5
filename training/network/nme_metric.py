"""NME inside Keras: the same score as `nme.py`, for progress bars and logs."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from edge_runtime.layout import IBUG68_COUNT
from training.network.standardisation import Standardisation


class NmeMetric(keras.metrics.Mean):  # type: ignore[misc]
    """NME in percent over standardised landmarks (B, N, 3), for Keras' progress and logs."""

    def __init__(self, standardisation: Standardisation) -> None:
        super().__init__(name="nme")
        self._mean = standardisation.mean[:IBUG68_COUNT, :2]
        self._std = standardisation.std[:IBUG68_COUNT, :2]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Every face counts the same, whatever its weight in the loss; weight 0 is no face."""
        std, mean = ops.convert_to_tensor(self._std), ops.convert_to_tensor(self._mean)
        truth = ops.cast(y_true, "float32")[:, :IBUG68_COUNT, :2] * std + mean
        predicted = y_pred[:, :IBUG68_COUNT, :2] * std + mean
        distance = ops.mean(ops.sqrt(ops.sum(ops.square(predicted - truth), axis=-1)), axis=-1)
        extent = ops.max(truth, axis=1) - ops.min(truth, axis=1)
        is_face = None if sample_weight is None else ops.cast(sample_weight > 0, "float32")
        extent = ops.maximum(extent, 1e-6)  # a target without a face has none
        percent = distance / ops.sqrt(ops.prod(extent, axis=-1)) * 100
        super().update_state(percent, sample_weight=is_face)
