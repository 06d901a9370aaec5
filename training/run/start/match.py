"""Brings a model that lacks layers, or has others, to the maps of the model it starts from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import keras
from keras import ops

from edge_runtime.arrays import Int64Array
from training.crops.crop_plan import NetworkBatch
from training.errors import TrainedModelError
from training.network.keras_model import KerasModel, Tensor
from training.run.compiled_model import jit_compile
from training.run.start.start_weights import without_batch_norm
from training.run.trained_model import TrainedModel

RATE = 2e-3


def match(
    model: KerasModel,
    trained: TrainedModel,
    layers: Sequence[str],
    batches: Iterable[NetworkBatch],
    steps: int,
    epochs: int,
    kept: Mapping[str, Int64Array],
) -> None:
    """Train, without labels, what lies between two named layers to answer as in the trained model.

    Every such part takes the trained model's own map at its beginning ("image" is the first) and
    learns the one at its end, so that no part is led astray by one before it. The loss printed is
    the part of the maps' variance that is not explained yet. kept: of the trained model's maps that
    are narrower in the model, the channels that these are. Raises TrainedModelError where the
    trained model takes crops of another size.
    """
    if trained.config.input_size_px != model.input_shape[1]:
        raise TrainedModelError(
            f"{trained.weights}: takes crops of {trained.config.input_size_px} px; a model of "
            f"{model.input_shape[1]} px cannot be matched to it. Start from one of that size."
        )
    teacher = without_batch_norm(trained, keras)
    whole = [teacher.get_layer(name).output for name in layers]
    ends = [ops.take(one, kept[n], axis=-1) if n in kept else one for n, one in zip(layers, whole)]
    maps = keras.Model(teacher.input, ends)
    parts = _parts(model, layers)
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps * epochs)
    losses = [_unexplained] * (len(layers) - 1)
    parts.compile(optimizer=keras.optimizers.Adam(rate), loss=losses, jit_compile=jit_compile())
    predicted = (tuple(maps.predict_on_batch(images)) for images, _, _ in batches)
    pairs = ((of_batch[:-1], of_batch[1:]) for of_batch in predicted)
    parts.fit(pairs, steps_per_epoch=steps, epochs=epochs, verbose=2, shuffle=False)


def _parts(model: KerasModel, layers: Sequence[str]) -> KerasModel:
    """From the maps at the beginning of each part to those at its end, side by side."""
    ends = [model.get_layer(name).output for name in layers]
    given = [keras.Input(one.shape[1:]) for one in ends[:-1]]
    found = [keras.Model(first, last)(start) for first, last, start in zip(ends, ends[1:], given)]
    side_by_side: KerasModel = keras.Model(given, found)
    return side_by_side


def _unexplained(wanted: Tensor, found: Tensor) -> Tensor:
    """Mean square of the difference, in parts of the wanted's variance over the batch."""
    return ops.mean(ops.square(found - wanted)) / ops.mean(ops.var(wanted, axis=0))
