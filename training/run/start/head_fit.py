"""Gives the landmark head a start: ridge regression on the backbone's features."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np

from edge_runtime.arrays import Float64Array
from training.network.keras_model import KerasLayer, KerasModel

# Added to the covariance of the features, whose variances are about 0.1 in a trained backbone.
RIDGE = 1e-3


def fit_head(model: KerasModel, batches: Iterable[tuple[Any, Any, Any]], keras: ModuleType) -> None:
    """Set the head's weights to the ridge solution over (crops, targets, weights) batches.

    Targets and weights hold "landmarks"; a crop of weight 0, which shows no face, is left out.

    With a low-rank head the solution is cut to its leading directions, those in which the
    predictions of the full one spread most.
    """
    features = keras.Model(model.input, model.get_layer("features").output)
    covariance, cross, feature_mean, target_mean = _moments(features.predict_on_batch, batches)
    ridge = covariance + RIDGE * np.eye(len(covariance))
    kernel = np.linalg.solve(ridge, cross)
    bias = target_mean - feature_mean @ kernel
    coordinates = model.get_layer("coordinates")
    rank = coordinates.get_weights()[0].shape[-2]
    if rank == len(kernel):
        _set_weights(coordinates, kernel, bias)
        return
    spread, directions = np.linalg.eigh(kernel.T @ covariance @ kernel)
    directions, spread = directions[:, -rank:], np.sqrt(np.maximum(spread[-rank:], 1e-8))
    # Unit spread of every code, so that one int8 scale serves all of them.
    encode = kernel @ directions / spread
    code_bias = -feature_mean @ encode
    _set_weights(model.get_layer("shape_code"), encode, code_bias)
    _set_weights(coordinates, directions.T * spread[:, None], target_mean)


def _set_weights(layer: KerasLayer, kernel: Float64Array, bias: Float64Array) -> None:
    """Kernel (inputs, outputs) and bias (outputs,) of a 1x1 convolution."""
    layer.set_weights([kernel[None, None].astype(np.float32), bias.astype(np.float32)])


def _moments(
    features_of: Callable[[Any], Any], batches: Iterable[tuple[Any, Any, Any]]
) -> tuple[Float64Array, ...]:
    """Feature covariance, feature-target covariance and both means."""
    count = 0
    sums: list[Any] = [0.0, 0.0, 0.0, 0.0]
    for images, targets, weights in batches:
        shown = np.asarray(weights["landmarks"]) > 0
        feature = np.asarray(features_of(images), np.float64).reshape(len(images), -1)[shown]
        target = np.asarray(targets["landmarks"], np.float64)[shown][..., :3]
        target = target.reshape(len(feature), -1)
        terms = (feature.T @ feature, feature.T @ target, feature.sum(axis=0), target.sum(axis=0))
        sums = [total + term for total, term in zip(sums, terms)]
        count += len(feature)
    second, cross, feature_sum, target_sum = (total / count for total in sums)
    covariance = second - np.outer(feature_sum, feature_sum)
    return covariance, cross - np.outer(feature_sum, target_sum), feature_sum, target_sum
