"""A network small enough for a test, with a presence output and made-up weights."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from conversion.network import Network
from edge_runtime import layout520
from edge_runtime.crop import to_crop_units
from training.network.model import RegressorConfig, build_model, network_input
from training.network.standardisation import Standardisation
from training.run.trained_model import TrainedModel

SIZE_PX = 64


@pytest.fixture(scope="session")
def release_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release folder: random weights, batch norms that have seen pictures."""
    import keras

    config = RegressorConfig(width=0.125, input_size_px=SIZE_PX, head_rank=8, has_presence=True)
    keras.utils.set_random_seed(520)
    model = build_model(config, keras)
    for layer in model.layers:
        if "batch" in type(layer).__name__.lower():
            layer.momentum = 0.0
    model(network_input(smooth_pictures()), training=True)
    # Random heads swing wider than trained ones, and rounding swings with them.
    presence = model.get_layer("presence_map")
    presence.set_weights([weight * 0.25 for weight in presence.get_weights()])
    folder = tmp_path_factory.mktemp("release")
    weights = folder / "all.weights.h5"
    model.save_weights(weights)
    shape = to_crop_units(layout520().mean_shape * 30 + SIZE_PX / 2, SIZE_PX)
    spread = np.full_like(shape, 0.03)
    trained = TrainedModel(
        name="tiny",
        version="0.1.0",
        config=config,
        standardisation=Standardisation(shape, spread),
        weights=weights,
        provenance={"layout": layout520().reference},
        scores={},
    )
    trained.release(folder / "tiny", "tiny", "0.1.0", {"val_nme_percent": 12.5})
    return folder / "tiny"


@pytest.fixture(scope="session")
def trained(release_path: Path) -> TrainedModel:
    return TrainedModel.open(release_path)


@pytest.fixture(scope="session")
def network(trained: TrainedModel) -> Network:
    return Network.of(trained)


@pytest.fixture(scope="session")
def crops() -> np.ndarray:
    return smooth_pictures()


@pytest.fixture(scope="session", params=["joined", "added"])
def lively_network(request: pytest.FixtureRequest, network: Network) -> Network:
    """The same with a branch from an early map and every output; codes are joined or added up."""
    import tf_keras

    tf_keras.utils.set_random_seed(521)
    model, layers = network.model, tf_keras.layers
    pooled, shape_code = (model.get_layer(name).output for name in ("features", "shape_code"))
    x = model.get_layer("block05_pointwise_relu").output
    for name, kernel_px in (("squeeze", 1), ("depthwise", 3), ("pointwise", 1)):
        kind = layers.Conv2D if kernel_px == 1 else layers.DepthwiseConv2D
        filters = {"filters": 4} if kernel_px == 1 else {"padding": "same", "strides": 2}
        x = kind(kernel_size=kernel_px, use_bias=False, name=f"detail_{name}", **filters)(x)
        x = layers.BatchNormalization(name=f"detail_{name}_bn")(x)
        x = layers.ReLU(name=f"detail_{name}_relu")(x)
    x = layers.Reshape((1, 1, int(np.prod(x.shape[1:]))), name="detail_flat")(x)
    detail = layers.Conv2D(8, 1, name="detail_code")(x)
    combine = layers.Concatenate if request.param == "joined" else layers.Add
    codes = combine(name="codes")([shape_code, detail])
    landmarks = layers.Conv2D(1560, 1, name="coordinates")(codes)
    visible = layers.Conv2D(6, 1, name="visibility_code")(pooled)
    features = layers.Concatenate(name="expression_features")([pooled, detail])
    outputs = {
        "landmarks": layers.Reshape((520, 3), name="landmarks")(landmarks),
        "presence": model.output["presence"],
        "expression": _probabilities(features, 52, "expression"),
        "visibility": _probabilities(visible, 520, "visibility"),
    }
    lively = tf_keras.Model(model.input, outputs, name="lively")
    image = network_input(smooth_pictures())
    for layer in lively.layers:
        if "detail" in layer.name and "_bn" in layer.name:
            layer.momentum = 0.0
    lively(image, training=True)
    return Network(lively, network.standardisation)


def _probabilities(codes: object, count: int, name: str) -> object:
    import tf_keras

    x = tf_keras.layers.Conv2D(count, 1, activation="sigmoid", name=f"{name}_map")(codes)
    return tf_keras.layers.Reshape((count,), name=name)(x)


def smooth_pictures() -> np.ndarray:
    """Smooth random pictures (24, 64, 64, 3)."""
    coarse = np.random.default_rng(3).integers(0, 256, (24, 6, 6, 3), dtype=np.uint8)
    size = (SIZE_PX, SIZE_PX)
    return np.stack([cv2.resize(one, size, interpolation=cv2.INTER_CUBIC) for one in coarse])
