"""Folding and equalisation change weights and leave the answers where they were."""

from dataclasses import replace

import numpy as np
import pytest

from conversion.equalisation import equalised
from conversion.folded_model import folded
from conversion.network import Network
from tests.tiny_network import TINY
from training.network.model import build_model, network_input
from training.network.regressor_config import RegressorConfig


@pytest.mark.parametrize(
    "config",
    [
        replace(TINY, has_presence=True),
        RegressorConfig("mobilenet_v2", 0.35, 64, head_rank=0),
    ],
    ids=lambda config: config.backbone,
)
def test_batch_norm_folds_into_the_convolutions(config: RegressorConfig, crops: np.ndarray) -> None:
    import tf_keras

    model = build_model(config, tf_keras)
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    plain = folded(model)
    assert not any(type(layer).__name__ == "BatchNormalization" for layer in plain.layers)
    image = network_input(crops[:4])
    before, after = model.predict(image, verbose=0), plain.predict(image, verbose=0)
    assert sorted(after) == sorted(before)
    for name, expected in before.items():
        np.testing.assert_allclose(after[name], expected, atol=1e-4 * np.abs(expected).max())


@pytest.fixture(scope="module")
def even(network: Network, crops: np.ndarray) -> Network:
    return equalised(network, crops)


def test_equalisation_moves_no_point(network: Network, even: Network, crops: np.ndarray) -> None:
    assert_same_answers(network.run(crops), even.run(crops), network.size_px)


def test_nor_where_a_branch_joins(lively_network: Network, crops: np.ndarray) -> None:
    even = equalised(lively_network, crops)
    assert_same_answers(lively_network.run(crops), even.run(crops), even.size_px)


def test_what_is_joined_swings_alike(lively_network: Network, crops: np.ndarray) -> None:
    """Joined tensors share one scale in an int8 file."""
    import tf_keras

    model = equalised(lively_network, crops).model
    for name in ("codes", "expression_features", "visibility_features"):
        watched = tf_keras.Model(model.input, model.get_layer(name).input)
        swings = [np.abs(one).max() for one in watched.predict(network_input(crops), verbose=0)]
        np.testing.assert_allclose(swings, 1, rtol=0.02)


def assert_same_answers(expected: dict, found: dict, size_px: int) -> None:
    assert sorted(found) == sorted(expected)
    moved = np.abs(found.pop("landmarks") - expected.pop("landmarks")).max()
    assert moved * size_px < 1e-3
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4)


def channel_swings(model: object, layer: str, crops: np.ndarray) -> np.ndarray:
    import tf_keras

    watched = tf_keras.Model(model.input, model.get_layer(layer).output)  # type: ignore[attr-defined]
    return watched.predict(network_input(crops), verbose=0).max(axis=(0, 1, 2))


def test_channels_before_a_depthwise_layer_swing_alike(
    network: Network, even: Network, crops: np.ndarray
) -> None:
    before = channel_swings(network.model, "block03_pointwise_relu", crops)
    after = channel_swings(even.model, "block03_pointwise_relu", crops)
    alive = before > 0.01 * before.max()
    assert np.ptp(before[alive]) > 0.2 * before.max()
    np.testing.assert_allclose(after[alive], after.max(), rtol=1e-3)


def test_every_coordinate_swings_from_minus_1_to_1(even: Network, crops: np.ndarray) -> None:
    outputs = even.model.predict(network_input(crops), verbose=0)["landmarks"]
    np.testing.assert_allclose(outputs.min(axis=0), -1, atol=1e-3)
    np.testing.assert_allclose(outputs.max(axis=0), 1, atol=1e-3)


def test_codes_swing_alike(network: Network, even: Network, crops: np.ndarray) -> None:
    def spread(one: Network) -> float:
        import tf_keras

        code = tf_keras.Model(one.model.input, one.model.get_layer("shape_code").output)
        values = code.predict(network_input(crops), verbose=0).reshape(len(crops), -1)
        return float(values.std(axis=0).max() / values.std(axis=0).min())

    assert spread(even) < spread(network)
