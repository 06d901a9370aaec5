"""Training runs: curves, resuming, and folders that hold something else."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.dataset import DatasetError
from training.experiment import Experiment, ExperimentError, experiment_names, load_experiment
from training.model import RegressorConfig
from training.run_folder import RunError, RunFolder
from training.train import train
from training.trained_model import TrainedModel, TrainedModelError

TINY = Experiment(
    name="tiny",
    model=RegressorConfig(width=0.125, input_size_px=64, head_rank=8),
    epochs=3,
    batch_size=4,
)


def curve(path: Path) -> list[float]:
    with (path / "curves.csv").open() as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def test_a_run_leaves_what_it_takes_to_understand_it(run_path: Path) -> None:
    run = RunFolder(run_path)
    assert run.finished_epochs() == 2
    assert run.best_nme_percent() < 200
    assert run.model_config() == RegressorConfig(width=0.125, input_size_px=64, head_rank=8)
    config = run.config()
    assert config["layout"] == "face520/1" and config["seed"] == 520
    assert set(config["dataset"]) == {"photos", "fits", "face_model", "layout", "builder"}
    assert run.best_weights.is_file() and run.last_weights.is_file()
    assert list((run_path / "tensorboard").rglob("events*"))


@pytest.mark.slow
def test_an_interrupted_run_resumes_to_the_same_curve(
    dataset_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(TINY, dataset_path, RunFolder(whole), verbose=0)

    class Pulled(Exception):
        """Somebody pulls the plug."""

    write_state = RunFolder.write_state

    def pull_the_plug(self: RunFolder, finished_epochs: int, best_nme_percent: float) -> None:
        write_state(self, finished_epochs, best_nme_percent)
        raise Pulled

    monkeypatch.setattr(RunFolder, "write_state", pull_the_plug)
    with pytest.raises(Pulled):
        train(TINY, dataset_path, RunFolder(parts), verbose=0)
    monkeypatch.undo()
    train(TINY, dataset_path, RunFolder(parts), resume=True, verbose=0)
    assert len(curve(whole)) == 3
    np.testing.assert_allclose(curve(parts)[-2:], curve(whole)[-2:], rtol=2e-3)


def test_a_folder_with_a_run_is_not_overwritten(dataset_path: Path, run_path: Path) -> None:
    before = (run_path / "config.json").read_text()
    with pytest.raises(RunError, match="--resume"):
        train(TINY, dataset_path, RunFolder(run_path), verbose=0)
    assert (run_path / "config.json").read_text() == before


def test_a_run_is_not_resumed_with_other_settings(dataset_path: Path, run_path: Path) -> None:
    with pytest.raises(RunError, match="another epochs, learning_rate"):
        changed = replace(TINY, epochs=9, learning_rate=1.0)
        train(changed, dataset_path, RunFolder(run_path), resume=True, verbose=0)


def test_a_dataset_of_another_layout_is_refused(dataset_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    stored = json.loads((dataset_path / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(stored | {"layout": "paper/1"}))
    with pytest.raises(DatasetError, match="paper/1"):
        train(TINY, folder, RunFolder(tmp_path / "run"), verbose=0)
    assert not (tmp_path / "run").exists()


def test_a_release_is_smaller_and_says_the_same(run_path: Path, tmp_path: Path) -> None:
    import keras

    trained = TrainedModel.open(run_path)
    trained.release(tmp_path / "out", "tiny", "1.2.3", {"nme_percent": 9.0})
    released = TrainedModel.open(tmp_path / "out")
    assert (released.name, released.version) == ("tiny", "1.2.3")
    assert released.config == trained.config and released.scores == {"nme_percent": 9.0}
    assert released.weights.stat().st_size < trained.weights.stat().st_size * 0.7
    crops = np.random.default_rng(0).normal(size=(3, 64, 64, 3)).astype(np.float32)
    outputs = [
        model.build(keras).predict(crops, verbose=0)["landmarks"] for model in (trained, released)
    ]
    np.testing.assert_allclose(outputs[0], outputs[1], atol=0.02)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainedModelError, match="neither a training run"):
        TrainedModel.open(tmp_path)


@pytest.mark.parametrize("name", experiment_names())
def test_every_experiment_says_how_to_run_it(name: str) -> None:
    import importlib

    assert load_experiment(name).name == name
    text = importlib.import_module(f"training.experiments.{name}").__doc__ or ""
    assert f"face520-train run {name}" in text


def test_an_unknown_experiment_is_answered_with_the_known(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="main"):
        load_experiment("nothing")
