"""Makes a model ready to train: losses, optimizer with its schedule, metrics."""

from __future__ import annotations

from typing import Any

import keras

from training.experiment import Experiment
from training.network.keras_model import KerasModel
from training.network.losses import KnownCrossentropy, LandmarkLoss
from training.network.model import DETAIL_LAYERS
from training.network.nme_metric import NmeMetric
from training.network.standardisation import Standardisation


def compile_model(
    model: KerasModel, experiment: Experiment, standardisation: Standardisation, steps: int
) -> None:
    """Compile a Keras model built by `training.network.model`; steps: batches in an epoch."""
    if experiment.freeze_batch_norm:
        for layer in model.layers:
            # A branch that begins with random weights has statistics to find yet.
            is_old = not layer.name.startswith(DETAIL_LAYERS)
            if isinstance(layer, keras.layers.BatchNormalization) and is_old:
                layer.trainable = False
    for layer in model.layers:
        if experiment.trained_layers and layer.name not in experiment.trained_layers:
            layer.trainable = False
    warmup_steps = int(experiment.warmup_epochs * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=experiment.learning_rate / 100,
        decay_steps=max(1, experiment.epochs * steps - warmup_steps),
        warmup_target=experiment.learning_rate,
        warmup_steps=warmup_steps,
    )
    losses: dict[str, Any] = {
        "landmarks": LandmarkLoss(experiment.loss, standardisation.std, experiment.emphasis),
        "presence": keras.losses.BinaryCrossentropy(),
        "expression": KnownCrossentropy(),
        "visibility": KnownCrossentropy(),
    }
    weights = {
        "landmarks": 1.0,
        "presence": experiment.presence_weight,
        "expression": experiment.expression_weight,
        "visibility": experiment.visibility_weight,
    }
    names = ("landmarks", *experiment.model.further_outputs)
    model.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss={name: losses[name] for name in names},
        loss_weights={name: weights[name] for name in names},
        weighted_metrics={"landmarks": [NmeMetric(standardisation)]},
        jit_compile=jit_compile(),
    )
    model.optimizer.build(model.trainable_variables)


def jit_compile() -> str | bool:
    """XLA where it helps: on a CPU, TensorFlow's is 15 times slower at depthwise convolutions."""
    if keras.backend.backend() == "jax":
        return "auto"
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return "auto" if tf.config.list_physical_devices("GPU") else False
    return False
