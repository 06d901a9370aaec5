"""The same network without batch normalisation: folded into the convolutions before it."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np

from conversion.layer_graph import (
    BatchNormalization,
    Convolution,
    GraphLayer,
    GraphModel,
    is_convolution,
    kind,
    source_layer,
)
from edge_runtime.arrays import FloatArray
from training.network.batch_norm import folded as folded_batch_norm


def folded(model: GraphModel) -> GraphModel:
    """A new tf_keras model whose convolutions hold the batch normalisation that followed them.

    Layers keep their names, outputs agree to float rounding. A batch normalisation that follows no
    convolution stays. TFLite's converter folds in the same way; done before it, weights and biases
    can be changed as the file will hold them.
    """
    import tf_keras

    made = {id(model.input): tf_keras.Input(model.input_shape[1:], name="image")}
    normalised = {source_layer(layer): layer for layer in model.layers if _is_folded(layer)}
    for layer in model.layers[1:]:
        source, result = layer.input, id(layer.output)
        if _is_folded(layer):
            made[result] = made[id(source)]
            continue
        config = layer.get_config()
        weights = layer.get_weights()
        if is_convolution(layer) and layer in normalised:
            config["use_bias"] = True
            weights = _with_batch_norm(layer, normalised[layer])
        fresh = type(layer).from_config(config)
        is_list = isinstance(source, list)
        made[result] = fresh([made[id(x)] for x in source] if is_list else made[id(source)])
        fresh.set_weights(weights)
    outputs = {name: made[id(tensor)] for name, tensor in model.output.items()}
    without: GraphModel = tf_keras.Model(made[id(model.input)], outputs, name=model.name)
    return without


def _is_folded(layer: GraphLayer) -> TypeGuard[BatchNormalization]:
    return kind(layer) == "BatchNormalization" and is_convolution(source_layer(layer))


def _with_batch_norm(convolution: Convolution, batch_norm: BatchNormalization) -> list[FloatArray]:
    """Kernel and bias of the convolution followed by the normalisation at inference."""
    kernel, *bias = convolution.get_weights()
    gamma, beta, mean, variance = _parameters(batch_norm)
    own = bias[0] if bias else None
    return folded_batch_norm(kernel, own, (gamma, beta), (mean, variance), batch_norm.epsilon)


def _parameters(batch_norm: BatchNormalization) -> tuple[FloatArray, ...]:
    """gamma, beta, mean, variance; a normalisation may lack the first two."""
    *affine, mean, variance = batch_norm.get_weights()
    gamma = affine.pop(0) if batch_norm.scale else np.ones_like(mean)
    beta = affine.pop(0) if batch_norm.center else np.zeros_like(mean)
    return gamma, beta, mean, variance
