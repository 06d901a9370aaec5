"""Trains a regressor with Keras' fit: schedule, checkpoints, resuming."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from edge_runtime.layout import layout520
from training.backbone_weights import load_backbone
from training.batches import (
    CropPlan,
    measure_standardisation,
    training_batches,
    validation_batches,
)
from training.dataset import DatasetError, Manifest, file_sha256
from training.experiment import Experiment
from training.head_fit import fit_head
from training.losses import LandmarkLoss
from training.model import build_model
from training.nme_metric import NmeMetric
from training.run_folder import CONFIG_FILE, STANDARDISATION_FILE, RunError, RunFolder
from training.standardisation import Standardisation
from training.start_weights import start_from
from training.trained_model import TrainedModel

VALIDATION_BATCH = 50
CALIBRATION_BATCHES = 64


def train(
    experiment: Experiment,
    dataset: Path,
    run: RunFolder,
    start: Path | None = None,
    resume: bool = False,
    verbose: str | int = "auto",
) -> float:
    """Train to the end and return the best validation NME in percent.

    start: the backbone's .npz, or the run or release folder of a trained model to go on from.
    Raises RunError when the folder holds a run already (and resume is not asked for) or another
    experiment's, DatasetError when the dataset is for another layout.
    """
    manifest = _checked_manifest(dataset)
    keras.utils.set_random_seed(experiment.seed)
    _prepare_folder(run, experiment, manifest, start, resume)
    first_epoch = run.finished_epochs()
    batches = _Batches(dataset, _plan(run, dataset, experiment), experiment)
    model = build_model(experiment.model, keras)
    if not first_epoch:
        _initialise(model, start, batches, experiment)
    _compile(model, experiment, batches.plan.standardisation, batches.steps)
    if first_epoch:
        model.optimizer.build(model.trainable_variables)
        model.load_weights(run.last_weights)
    model.fit(
        batches.training(first_epoch),
        validation_data=batches.validation(),
        initial_epoch=first_epoch,
        epochs=experiment.epochs,
        steps_per_epoch=batches.steps,
        callbacks=_callbacks(run, resumed=first_epoch > 0),
        verbose=verbose,
    )
    return run.best_nme_percent()


@dataclass(frozen=True, eq=False)
class _Batches:
    """The two inputs of fit."""

    dataset: Path
    plan: CropPlan
    experiment: Experiment

    @property
    def steps(self) -> int:
        return max(1, Manifest.read(self.dataset).count("train") // self.experiment.batch_size)

    def training(self, first_epoch: int) -> Any:
        settings = self.experiment
        return training_batches(
            self.dataset, self.plan, settings.batch_size, settings.seed, first_epoch
        )

    def validation(self) -> Any:
        return validation_batches(self.dataset, self.plan, VALIDATION_BATCH)


def _plan(run: RunFolder, dataset: Path, experiment: Experiment) -> CropPlan:
    return CropPlan(
        layout=layout520(),
        standardisation=_standardisation(run, dataset, experiment),
        augmentation=experiment.augmentation,
        size_px=experiment.model.input_size_px,
        negative_share=experiment.negative_share,
    )


def _initialise(model: Any, start: Path | None, batches: _Batches, experiment: Experiment) -> None:
    """The weights before the first step."""
    if start is not None and start.is_dir():
        crops = (element[0] for element in batches.training(0).take(CALIBRATION_BATCHES))
        trained = TrainedModel.open(start)
        start_from(model, trained, batches.plan.standardisation, crops, keras)
    elif start is not None:
        load_backbone(model, start)
    if experiment.ridge_start:
        fit_head(model, batches.training(0).take(batches.steps), keras)


def _checked_manifest(dataset: Path) -> Manifest:
    manifest = Manifest.read(dataset)
    if manifest.layout != layout520().reference:
        raise DatasetError(
            f"{dataset}: built for layout {manifest.layout}, the model is for "
            f"{layout520().reference}. Build the dataset again."
        )
    return manifest


def _prepare_folder(
    run: RunFolder, experiment: Experiment, manifest: Manifest, start: Path | None, resume: bool
) -> None:
    settings = json.loads(json.dumps(asdict(experiment)))
    if not run.exists():
        run.path.mkdir(parents=True, exist_ok=True)
        provenance = {
            "git_revision": _git_revision(),
            "layout": manifest.layout,
            "dataset": manifest.sources,
            "start": _weights_sha256(start),
        }
        run.write(CONFIG_FILE, settings | provenance)
        return
    if not resume:
        raise RunError(
            f"{run.path}: holds a run already. Pass --resume to go on with it, or another --run."
        )
    earlier = run.config()
    changed = [key for key, value in settings.items() if earlier.get(key) != value]
    if changed:
        raise RunError(
            f"{run.path}: was started with another {', '.join(changed)}. Resume with the "
            "experiment it was started with, or give another --run."
        )


def _weights_sha256(start: Path | None) -> str:
    """Hash of the weights a run begins with, "" for random ones."""
    if start is None:
        return ""
    return file_sha256(TrainedModel.open(start).weights if start.is_dir() else start)


def _standardisation(run: RunFolder, dataset: Path, experiment: Experiment) -> Standardisation:
    """The run's own once it has one: a resumed run must not measure anew."""
    if (run.path / STANDARDISATION_FILE).is_file():
        return run.standardisation()
    measured = measure_standardisation(dataset, layout520(), experiment.model.input_size_px)
    run.write(STANDARDISATION_FILE, measured.to_json())
    return run.standardisation()


def _compile(
    model: Any, experiment: Experiment, standardisation: Standardisation, steps: int
) -> None:
    if experiment.freeze_batch_norm:
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
    warmup_steps = int(experiment.warmup_epochs * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=experiment.learning_rate / 100,
        decay_steps=max(1, experiment.epochs * steps - warmup_steps),
        warmup_target=experiment.learning_rate,
        warmup_steps=warmup_steps,
    )
    losses: dict[str, Any] = {"landmarks": LandmarkLoss(experiment.loss, standardisation.std)}
    weights = {"landmarks": 1.0}
    if experiment.model.has_presence:
        losses["presence"] = keras.losses.BinaryCrossentropy()
        weights["presence"] = experiment.presence_weight
    model.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss=losses,
        loss_weights=weights,
        weighted_metrics={"landmarks": [NmeMetric(standardisation)]},
        jit_compile=False,  # XLA on a CPU is 15 times slower at depthwise convolutions
    )


def _callbacks(run: RunFolder, resumed: bool) -> list[Any]:
    return [
        _Checkpoint(run),
        keras.callbacks.CSVLogger(str(run.path / "curves.csv"), append=resumed),
        keras.callbacks.TensorBoard(str(run.path / "tensorboard"), write_graph=False),
        keras.callbacks.TerminateOnNaN(),
    ]


def _validation_nme(logs: dict[str, float]) -> float:
    """From Keras' logs, which name the output only where there are several."""
    return float(logs.get("val_landmarks_nme", logs.get("val_nme", float("nan"))))


class _Checkpoint(keras.callbacks.Callback):
    """After every epoch: the weights to resume from and, when it is the best yet, to release."""

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self._run = run

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        nme = _validation_nme(logs or {})
        best = self._run.best_nme_percent()
        self._save(self._run.last_weights)
        if nme < best:
            self._save(self._run.best_weights)
        self._run.write_state(epoch + 1, min(nme, best))

    def _save(self, path: Path) -> None:
        partial = path.with_name("partial.weights.h5")
        self.model.save_weights(partial)
        partial.replace(path)


def _git_revision() -> str:
    """Revision of the checkout that runs, or "unknown" for an installed copy."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
