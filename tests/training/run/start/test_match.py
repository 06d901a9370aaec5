"""A model that lacks layers learns from maps of the one that it starts from."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import keras
import numpy as np
import pytest

from training.crops.crop_loader import CropLoader
from training.errors import ExperimentError, TrainedModelError
from training.experiment import Experiment
from training.network.model import build_model
from training.network.regressor_config import RegressorConfig
from training.network.standardisation import Standardisation
from training.run.run_start import set_start_weights
from training.run.start.match import match
from training.run.start.start_weights import start_from
from training.run.trained_model import TrainedModel

CONFIG = RegressorConfig(width=0.25, input_size_px=64, head_rank=8)
LAYERS = ("image", "block05_pointwise_relu")
CROPS = np.random.default_rng(0).normal(size=(8, 64, 64, 3)).astype(np.float32)


@pytest.fixture
def trained(tmp_path: Path) -> TrainedModel:
    keras.utils.set_random_seed(1)
    model = build_model(CONFIG, keras)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    model(CROPS, training=True)  # batch norms that fit, so that crops differ to the last map
    model.save_weights(tmp_path / "model.weights.h5")
    scale = Standardisation(*np.ones((2, 520, 3), np.float32))
    return TrainedModel("tiny", "1", CONFIG, scale, tmp_path / "model.weights.h5", {}, {})


def test_a_patch_stem_learns_what_the_first_layers_answer(trained: TrainedModel) -> None:
    config = replace(CONFIG, has_batch_norm=False, patch_stem=True, left_out=(3,))
    model, teacher = build_model(config, keras), trained.build(keras)
    start_from(model, trained, trained.standardisation, [], keras)

    def apart() -> float:
        found, wanted = (
            np.asarray(keras.Model(one.input, one.get_layer(LAYERS[1]).output)(CROPS))
            for one in (model, teacher)
        )
        return float(np.square(found - wanted).mean() / wanted.var(axis=0).mean())

    before, behind = apart(), model.get_layer("block06_pointwise").get_weights()
    match(model, trained, LAYERS, iter([(CROPS, {}, {})] * 60), 30, 2, {})
    assert apart() < 0.7 * before
    np.testing.assert_array_equal(model.get_layer("block06_pointwise").get_weights()[0], behind[0])


def test_a_model_for_crops_of_another_size_cannot_be_matched(trained: TrainedModel) -> None:
    model = build_model(replace(CONFIG, input_size_px=96), keras)
    with pytest.raises(TrainedModelError, match="96 px"):
        match(model, trained, LAYERS, iter([]), 1, 1, {})


def test_without_a_trained_model_there_is_nothing_to_match(tmp_path: Path) -> None:
    experiment = Experiment("tiny", replace(CONFIG, has_batch_norm=False), matched_layers=LAYERS)
    model = build_model(experiment.model, keras)
    with pytest.raises(ExperimentError, match="--start"):
        set_start_weights(model, None, MagicMock(spec=CropLoader), experiment)
