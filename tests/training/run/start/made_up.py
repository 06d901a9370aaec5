"""A network that nobody has trained, but whose outputs differ from crop to crop."""

import keras
import numpy as np

from training.network.keras_model import KerasModel
from training.network.model import build_model
from training.network.regressor_config import RegressorConfig


def made_up(config: RegressorConfig) -> KerasModel:
    """Random weights, as strong in every layer as what it reads."""
    model, rng = build_model(config, keras), np.random.default_rng(1)
    for layer in model.layers:
        if layer.weights:
            kernel, bias = (one.shape for one in layer.weights)
            read = np.prod(kernel[:2]) * (1 if "depthwise" in layer.name else kernel[2])
            layer.set_weights([rng.normal(0, np.sqrt(2 / read), kernel), rng.normal(0, 0.1, bias)])
    return model
