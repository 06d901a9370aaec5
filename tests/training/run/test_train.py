"""Training runs: curves, resuming, and folders that hold something else."""

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from edge_runtime.layout import read_layout, write_layout
from tests import tiny_network
from training.cli import app, main
from training.crops.augment import centred_crop
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord
from training.errors import ExperimentError, RunError, TrainedModelError
from training.experiment import Experiment, experiment_names, load_experiment
from training.run.curves import Curves
from training.run.run_folder import RunFolder
from training.run.train import train
from training.run.trained_model import TrainedModel

TINY = Experiment(
    name="tiny",
    model=tiny_network.TINY,
    epochs=3,
    batch_size=8,
    learning_rate=1e-3,
)


def curve(path: Path) -> list[list[float]]:
    """Loss and scores of every epoch."""
    rows = Curves.read(path / "curves.csv").rows
    assert [row["epoch"] for row in rows] == list(range(1, len(rows) + 1))
    return [[row[name] for name in ("loss", "nme", "val_loss", "val_nme")] for row in rows]


def test_a_run_leaves_what_it_takes_to_understand_it(run_path: Path) -> None:
    run = RunFolder(run_path)
    assert run.finished_epochs() == 2
    assert run.best_nme_percent() < 200
    assert run.model_config() == tiny_network.TINY
    config = run.config()
    assert config["layout"] == "face520/1" and config["seed"] == 520
    assert set(config["dataset"]) == {"photos", "fits", "face_model", "layout", "builder"}
    assert run.best_weights.is_file() and run.last_weights.is_file()
    assert len(list(run_path.glob("*.weights.h5"))) == 2
    assert len(curve(run_path)) == 2
    assert cv2.imread(str(run_path / "curves.png")).shape[2] == 3
    assert read_layout(run_path / "layout.json").reference == "face520/1"
    assert list((run_path / "tensorboard").rglob("events*"))


@pytest.mark.slow
def test_faces_of_a_layout_without_mirror_pairs_are_not_mirrored(
    tiny_dataset: Path, tiny_faces: list[FaceRecord], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_dataset, tmp_path / "faces"))
    layout = read_layout(folder / "layout.json")
    noise = np.random.default_rng(1).normal(0, 0.2, layout.mean_shape.shape)
    scattered = replace(layout, mean_shape=(layout.mean_shape + noise).astype(np.float32))
    write_layout(scattered, folder / "layout.json")
    run = RunFolder(tmp_path / "run")
    train(replace(TINY, epochs=1), Dataset.open(folder), run, verbose=0)
    assert run.config()["augmentation"]["mirror_chance"] == 0
    own = [centred_crop(face, 64).landmarks for face in tiny_faces[:24]]
    np.testing.assert_allclose(run.standardisation().mean, np.mean(own, axis=0), atol=1e-5)


class Pulled(Exception):
    """Somebody pulls the plug."""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["finish_epoch", "weights_after"])
def test_an_interrupted_run_resumes_to_the_same_curve(
    tiny_dataset: Path,
    whole_run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    run = RunFolder(tmp_path / "parts")
    usual = getattr(RunFolder, moment)

    def pull_the_plug(self: RunFolder, *settings: Any) -> Any:
        done = usual(self, *settings)
        if Curves.read(self.curves).rows[-1]["epoch"] == 2:
            raise Pulled
        return done

    monkeypatch.setattr(RunFolder, moment, pull_the_plug)
    with pytest.raises(Pulled):
        train(TINY, Dataset.open(tiny_dataset), run, verbose=0)
    monkeypatch.undo()
    assert run.finished_epochs() == (2 if moment == "finish_epoch" else 1)
    train(TINY, Dataset.open(tiny_dataset), run, resume=True, verbose=0)
    assert len(curve(whole_run)) == 3
    np.testing.assert_allclose(curve(run.path), curve(whole_run), rtol=1e-4)


@pytest.fixture(scope="module")
def whole_run(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of TINY from beginning to end."""
    path = tmp_path_factory.mktemp("run") / "whole"
    train(TINY, Dataset.open(tiny_dataset), RunFolder(path), verbose=0)
    return path


@pytest.mark.slow
def test_ctrl_c_and_sigterm_keep_the_finished_epochs(
    tiny_dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("training.experiment.load_experiment", lambda name: replace(TINY, epochs=2))
    finish_epoch = RunFolder.finish_epoch

    def stop_after_it(self: RunFolder, *settings: Any) -> None:
        finish_epoch(self, *settings)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(RunFolder, "finish_epoch", stop_after_it)
    command = ["run", "tiny", "--dataset", str(tiny_dataset), "--run", str(tmp_path / "run")]
    monkeypatch.setattr("sys.argv", ["face520-train", *command])
    with pytest.raises(SystemExit, match="130"):
        main()
    assert "stopped after 1 of 2 epochs, which are kept" in capsys.readouterr().err
    monkeypatch.setattr(RunFolder, "finish_epoch", finish_epoch)
    resumed = CliRunner().invoke(app, [*command, "--resume"])
    assert resumed.exit_code == 0 and "best validation NME" in resumed.output
    assert len(curve(tmp_path / "run")) == 2


@pytest.mark.slow
def test_an_output_that_the_dataset_says_nothing_of_is_named(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody placed or spoke of these: what is learned from them would mean nothing."""
    both = replace(TINY.model, has_expression=True, has_visibility=True)
    asked = replace(TINY, epochs=1, model=both)
    monkeypatch.setattr("training.experiment.load_experiment", lambda name: asked)
    command = ["run", "tiny", "--dataset", str(tiny_dataset), "--run", str(tmp_path / "run")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0 and "best validation NME" in result.output
    told = " ".join(result.output.split())
    for output in ("expression", "visibility"):
        assert f"no held-out face has labels of {output}" in told


def test_a_run_that_diverges_says_so(tiny_dataset: Path, tmp_path: Path) -> None:
    hopeless = replace(TINY, learning_rate=1e30, warmup_epochs=0.0)
    with pytest.raises(RunError, match=r"the loss is (nan|inf) in epoch \d.*learning_rate"):
        train(hopeless, Dataset.open(tiny_dataset), RunFolder(tmp_path / "run"), verbose=0)


def test_a_folder_with_a_run_is_not_overwritten(tiny_dataset: Path, run_path: Path) -> None:
    before = (run_path / "config.json").read_text()
    with pytest.raises(RunError, match="--resume"):
        train(TINY, Dataset.open(tiny_dataset), RunFolder(run_path), verbose=0)
    assert (run_path / "config.json").read_text() == before


def test_a_run_is_not_resumed_with_other_settings_or_data(
    tiny_dataset: Path, run_path: Path
) -> None:
    changed = replace(TINY, epochs=2, batch_size=4, learning_rate=1.0)
    with pytest.raises(RunError, match="another learning_rate, dataset"):
        train(changed, Dataset.open(tiny_dataset), RunFolder(run_path), resume=True, verbose=0)


def test_the_layout_is_the_datasets(tiny_dataset: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_dataset, tmp_path / "faces"))
    stored = json.loads((folder / "layout.json").read_text())
    (folder / "layout.json").write_text(json.dumps(stored | {"name": "paper"}))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"layout": "paper/1"}))
    run = RunFolder(tmp_path / "run")
    train(replace(TINY, epochs=1), Dataset.open(folder), run, verbose=0)
    assert run.config()["layout"] == "paper/1"
    assert read_layout(run.path / "layout.json").name == "paper"


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
