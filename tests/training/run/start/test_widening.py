"""A wider network answers as the trained one does, and learns from there."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.training.run.start.made_up import made_up
from training.errors import TrainedModelError
from training.network.keras_model import KerasModel
from training.network.model import build_model
from training.network.regressor_config import DetailBranch, RegressorConfig
from training.network.standardisation import Standardisation
from training.run.start.start_weights import start_from
from training.run.trained_model import TrainedModel

CONFIG = RegressorConfig(
    width=0.25,
    input_size_px=64,
    head_rank=8,
    has_presence=True,
    has_expression=True,
    has_visibility=True,
    visibility_channels=4,
    detail=DetailBranch(channels=4, step=2, rank=8),
    has_batch_norm=False,
)
WIDER = replace(CONFIG, width=0.375, head_rank=16, detail=DetailBranch(channels=6, step=2, rank=10))
CROPS = np.random.default_rng(0).normal(size=(8, 64, 64, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    path = tmp_path_factory.mktemp("trained") / "model.weights.h5"
    made_up(CONFIG).save_weights(path)
    scale = Standardisation(*np.ones((2, 520, 3), np.float32))
    return TrainedModel("tiny", "1", CONFIG, scale, path, {}, {})


def started(config: RegressorConfig, trained: TrainedModel) -> KerasModel:
    keras.utils.set_random_seed(2)
    model = build_model(config, keras)
    start_from(model, trained, trained.standardisation, [], keras)
    return model


@pytest.mark.parametrize(
    "config", [WIDER, replace(WIDER, repeated=(3, 5)), replace(CONFIG, width=0.5)]
)
def test_every_output_is_the_same_at_first(config: RegressorConfig, trained: TrainedModel) -> None:
    model, wanted = started(config, trained), trained.build(keras).predict(CROPS, verbose=0)
    for name, found in model.predict(CROPS, verbose=0).items():
        assert wanted[name].std() > 1e-4
        np.testing.assert_allclose(found, wanted[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_new_channels_can_learn(trained: TrainedModel) -> None:
    """They hold something, and nothing reads it yet: its readers are what moves first."""
    model = started(WIDER, trained)
    kernel = model.get_layer("block07_pointwise").get_weights()[0][0, 0]
    known = trained.build(keras).get_layer("block07_pointwise").get_weights()[0].shape[2:]
    assert (kernel[known[0] :, : known[1]] == 0).all()
    assert (kernel[:, known[1] :] != 0).all()
    maps = keras.Model(model.input, model.get_layer("block07_pointwise_relu").output)
    assert (maps.predict(CROPS, verbose=0)[..., known[1] :].max(axis=(0, 1, 2)) > 0).mean() > 0.7


def test_codes_of_another_size_are_refused(trained: TrainedModel) -> None:
    with pytest.raises(TrainedModelError, match="detail_code reads 16 places of 4 channels"):
        started(replace(WIDER, input_size_px=96), trained)


def test_more_channels_here_and_fewer_there_are_refused(trained: TrainedModel) -> None:
    channels = (8, 16, 32, 32, 64, 64, *[128] * 6, 200, 300)
    with pytest.raises(TrainedModelError, match="in some maps and fewer in others"):
        started(replace(CONFIG, channels=channels), trained)
