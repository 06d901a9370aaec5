"""The average of two models: its ends are the two, and it can be released like any run."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.arrays import FloatArray
from tests.command import run_main
from training.errors import TrainedModelError
from training.network.model import build_model
from training.network.regressor_config import RegressorConfig
from training.network.standardisation import Standardisation
from training.run.averaging import averaged
from training.run.trained_model import TrainedModel

CONFIG = RegressorConfig(width=0.25, input_size_px=64, head_rank=8)


def made(folder: Path, seed: int, config: RegressorConfig = CONFIG) -> TrainedModel:
    """Random weights in a release folder, each seed with a standardisation of its own."""
    import keras

    keras.utils.set_random_seed(seed)
    weights = folder / "new.weights.h5"
    folder.mkdir()
    build_model(config, keras).save_weights(weights)
    rng = np.random.default_rng(seed)
    standardisation = Standardisation(
        rng.normal(0, 0.3, (520, 3)).astype(np.float32),
        rng.uniform(0.1, 0.3, (520, 3)).astype(np.float32),
    )
    trained = TrainedModel(
        "made",
        "1",
        config,
        standardisation,
        weights,
        {"name": "made", "model": config.to_json()},
        {},
    )
    trained.release(folder, "made", "1", {})
    return TrainedModel.open(folder)


def landmarks(trained: TrainedModel, model: object | None = None) -> FloatArray:
    import keras

    crops = np.random.default_rng(3).normal(size=(2, 64, 64, 3)).astype(np.float32)
    network = model or trained.build(keras)
    outputs = network.predict(crops, verbose=0)["landmarks"]  # type: ignore[attr-defined]
    return trained.standardisation.undo(outputs)


@pytest.mark.parametrize("has_batch_norm", [True, False])
def test_both_ends_are_the_models_themselves(tmp_path: Path, has_batch_norm: bool) -> None:
    first = made(tmp_path / "first", 1)
    trained_on = replace(CONFIG, has_visibility=True, has_batch_norm=has_batch_norm)
    second = made(tmp_path / "second", 2, trained_on)
    at_second, at_first = (landmarks(second, averaged(first, second, one)) for one in (1, 0))
    np.testing.assert_allclose(at_second, landmarks(second), atol=1e-6)
    np.testing.assert_allclose(at_first, landmarks(first), atol=1e-5)


def test_half_way_lies_each_weight_in_the_middle(tmp_path: Path) -> None:
    import keras

    first, second = made(tmp_path / "first", 1), made(tmp_path / "second", 2)
    kernels = [
        model.get_layer("block03_pointwise").get_weights()[0]
        for model in (first.build(keras), second.build(keras), averaged(first, second, 0.5))
    ]
    np.testing.assert_allclose(kernels[2], (kernels[0] + kernels[1]) / 2, atol=1e-7)


def test_models_of_other_widths_are_refused(tmp_path: Path) -> None:
    first = made(tmp_path / "first", 1)
    second = made(tmp_path / "second", 2, replace(CONFIG, width=0.125))
    with pytest.raises(TrainedModelError, match="conv1 differs in shape"):
        averaged(first, second, 0.5)


def test_the_command_writes_a_run_that_names_its_parents(tmp_path: Path) -> None:
    made(tmp_path / "first", 1), made(tmp_path / "second", 2)
    folders = [tmp_path / name for name in ("first", "second")]
    args = ["average", *folders, "--share", "0.75", "--run", tmp_path / "average"]
    done = run_main("training", *args)
    assert done.returncode == 0, done.stderr
    opened = TrainedModel.open(tmp_path / "average")
    assert opened.provenance["averaged"]["share_of_second"] == 0.75
    assert opened.scores == {}
    again = run_main("training", *args)
    assert again.returncode == 2
    assert "holds a run already" in again.stderr
