"""A narrower network keeps what tells the rest."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.training.run.start.made_up import made_up
from training.network.keras_model import Array, KerasModel
from training.network.model import build_model
from training.network.regressor_config import DetailBranch, RegressorConfig
from training.network.standardisation import Standardisation
from training.run.start.match import match
from training.run.start.start_weights import start_from
from training.run.trained_model import TrainedModel

CONFIG = RegressorConfig(
    width=0.125,
    input_size_px=64,
    head_rank=8,
    has_presence=True,
    has_expression=True,
    has_visibility=True,
    visibility_channels=4,
    detail=DetailBranch(channels=4, step=2, rank=8),
    has_batch_norm=False,
)
WIDE = replace(CONFIG, width=0.25)
CROPS = np.random.default_rng(0).normal(size=(16, 64, 64, 3)).astype(np.float32)
STATED = Standardisation(*np.ones((2, 520, 3), np.float32))
HEADS = ("shape_code", "presence_map", "expression_map", "visibility_code")


def twice(narrow: KerasModel) -> KerasModel:
    """Of twice the width, the same function: every map's channels come again, twice as strong."""
    wide = build_model(WIDE, keras)
    for layer in narrow.layers:
        if not layer.weights:
            continue
        kernel, bias = layer.get_weights()
        twin = wide.get_layer(layer.name)
        if layer.name.endswith("_depthwise") and layer.name.startswith("block"):
            twin.set_weights([np.concatenate([kernel, kernel], 2), np.append(bias, 2 * bias)])
            continue
        if layer.name.startswith(("block", "detail_squeeze", "visibility_squeeze")):
            kernel = read_twice(kernel, kernel.shape[2])
        elif layer.name in HEADS:
            kernel = read_twice(kernel, 128)
        if layer.name.startswith(("conv1", "block")):
            kernel, bias = np.concatenate([kernel, 2 * kernel], 3), np.append(bias, 2 * bias)
        twin.set_weights([kernel, bias])
    return wide


def read_twice(kernel: Array, count: int) -> Array:
    """As much of its first inputs as of the same ones, twice as strong, behind them."""
    first = kernel[:, :, :count]
    read: Array = np.concatenate([first / 2, first / 4, kernel[:, :, count:]], 2)
    return read


def as_trained(model: KerasModel, config: RegressorConfig, folder: Path) -> TrainedModel:
    model.save_weights(folder / "model.weights.h5")
    return TrainedModel("tiny", "1", config, STATED, folder / "model.weights.h5", {}, {})


@pytest.fixture
def narrow() -> KerasModel:
    return made_up(CONFIG)


def answers(model: KerasModel, layer: str = "") -> Any:
    """What the model, or one of its layers, says of the crops."""
    if not layer:
        return model.predict(CROPS, verbose=0)
    return keras.Model(model.input, model.get_layer(layer).output).predict(CROPS, verbose=0)


def test_channels_that_others_tell_can_go(narrow: KerasModel, tmp_path: Path) -> None:
    wide = twice(narrow)
    wanted = answers(wide)
    np.testing.assert_allclose(wanted["landmarks"], answers(narrow)["landmarks"], atol=1e-4)
    model = build_model(CONFIG, keras)
    start_from(model, as_trained(wide, WIDE, tmp_path), STATED, [CROPS[:8], CROPS[8:]], keras)
    for name, found in answers(model).items():
        apart = np.sqrt(np.square(found - wanted[name]).mean())
        assert apart < 0.03 * wanted[name].std(), name


def test_first_layers_alone_can_be_narrowed(narrow: KerasModel, tmp_path: Path) -> None:
    wide = twice(narrow)
    config = replace(WIDE, channels=(4, 8, 16, 16, 64, 64, *[128] * 6, 256, 256))
    model = build_model(config, keras)
    kept = start_from(
        model, as_trained(wide, WIDE, tmp_path), STATED, [CROPS[:8], CROPS[8:]], keras
    )
    assert len(kept["conv1_relu"]) == 4 and len(kept["block04_pointwise_relu"]) == 64
    wanted, found = answers(wide)["landmarks"], answers(model)["landmarks"]
    assert np.sqrt(np.square(found - wanted).mean()) < 0.03 * wanted.std()


def test_of_two_that_agree_one_is_kept(narrow: KerasModel, tmp_path: Path) -> None:
    trained = as_trained(twice(narrow), WIDE, tmp_path)
    kept = start_from(build_model(CONFIG, keras), trained, STATED, [CROPS], keras)
    live = answers(narrow, "block04_pointwise_relu").std(axis=(0, 1, 2)) > 0
    chosen = kept["block04_pointwise_relu"]
    assert {*np.flatnonzero(live)} <= {*(chosen % len(live))}


def test_a_stem_without_its_first_block_learns_the_kept_channels(
    narrow: KerasModel, tmp_path: Path
) -> None:
    trained = as_trained(twice(narrow), WIDE, tmp_path)
    config = replace(CONFIG, left_out=(1,), channels=(16, 0, 16, 16, 32, 32, *[64] * 6, 128, 128))
    keras.utils.set_random_seed(3)
    model, layers = build_model(config, keras), ("image", "block02_pointwise_relu")
    kept = start_from(model, trained, STATED, [CROPS], keras)
    assert "conv1_relu" not in kept and "block01_pointwise_relu" not in kept
    wanted = answers(trained.build(keras), layers[1])[..., kept[layers[1]]]

    def apart() -> float:
        difference = answers(model, layers[1]) - wanted
        return float(np.square(difference).mean() / wanted.var(axis=0).mean())

    before, behind = apart(), model.get_layer("block03_pointwise").get_weights()
    match(model, trained, layers, iter([(CROPS, {}, {})] * 150), 75, 2, kept)
    assert apart() < 0.7 * before
    np.testing.assert_array_equal(model.get_layer("block03_pointwise").get_weights()[0], behind[0])
