"""The average of two trained models: between two ends of training often lies a better model."""

from __future__ import annotations

import keras

from training.errors import TrainedModelError
from training.network.keras_model import KerasModel
from training.run.run_folder import CONFIG_FILE, STANDARDISATION_FILE, RunFolder
from training.run.start.start_weights import fits, restandardise, without_batch_norm
from training.run.trained_model import TrainedModel, weights_sha256


def write_average(first: TrainedModel, second: TrainedModel, share: float, run: RunFolder) -> None:
    """Write the average as a run folder that names its parents, with the second's settings.

    It can be scored, released, and started from. Raises TrainedModelError as `averaged` does.
    """
    model = averaged(first, second, share)
    config = second.provenance | {
        "averaged": {
            "first": weights_sha256(first.weights),
            "second": weights_sha256(second.weights),
            "share_of_second": share,
        }
    }
    run.path.mkdir(parents=True, exist_ok=True)
    model.save_weights(run.best_weights)
    run.write(STANDARDISATION_FILE, second.standardisation.to_json())
    run.write(CONFIG_FILE, config)


def averaged(first: TrainedModel, second: TrainedModel, share: float) -> KerasModel:
    """The second's network; a layer that both have is share of the second's and the rest of the
    first's, any other layer the second's.

    The first is a model that the second was trained on from: only then do their weights belong
    together. Raises TrainedModelError when their backbones differ.
    """
    model = second.build(keras)
    other = first.build(keras) if second.config.has_batch_norm else without_batch_norm(first, keras)
    restandardise(other.get_layer("coordinates"), first.standardisation, second.standardisation)
    for layer in model.layers:
        if fits(other, layer):
            pairs = zip(other.get_layer(layer.name).get_weights(), layer.get_weights())
            layer.set_weights([share * b + (1 - share) * a for a, b in pairs])
        elif layer.weights and layer.name.startswith(("conv", "patches", "block")):
            raise TrainedModelError(
                f"{first.weights} and {second.weights}: {layer.name} differs in shape. Average a "
                "model with one that was trained on from it."
            )
    return model
