"""Trains a regressor with Keras on any backend: start, schedule, checkpoints, resuming."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from edge_runtime.layout import has_mirror_pairs
from training.crops.crop_loader import CropLoader
from training.crops.crop_plan import CropPlan, HeldOutFaces, NetworkBatch
from training.dataset.dataset import Dataset
from training.experiment import Experiment
from training.network.keras_model import KerasModel
from training.network.model import build_model
from training.network.standardisation import Standardisation
from training.run.checkpoint import Checkpoint
from training.run.cluster import Cluster, fit_on_cluster
from training.run.compiled_model import compile_model
from training.run.run_folder import RunFolder
from training.run.run_start import prepare_folder, run_standardisation, set_start_weights

VALIDATION_BATCH = 50


def train(
    experiment: Experiment,
    dataset: Dataset,
    run: RunFolder,
    start: Path | None = None,
    resume: bool = False,
    verbose: str | int = "auto",
) -> float | None:
    """Train to the end and return the best validation NME in percent.

    start: the backbone's .npz, or the run or release folder of a trained model to go on from. In a
    cluster (see `training.run.cluster`) every process calls this; the chief alone uses run and
    start, and the others return None. Raises RunError when the folder holds a run already (and
    resume is not asked for) or another experiment's, DatasetError or RecordError for a damaged
    dataset.
    """
    layout = dataset.layout
    config = replace(experiment.model, landmark_count=len(layout))
    experiment = replace(experiment, model=config)
    if not has_mirror_pairs(layout):
        unmirrored = replace(experiment.augmentation, mirror_chance=0.0)
        experiment = replace(experiment, augmentation=unmirrored)
    cluster = Cluster.join()
    own_run = run if cluster is None or cluster.is_chief else None
    keras.utils.set_random_seed(experiment.seed)
    if own_run is not None:
        prepare_folder(own_run, experiment, dataset, start, resume)
    plan = CropPlan(
        layout=layout,
        standardisation=_standardisation(experiment, dataset, own_run, cluster),
        augmentation=experiment.augmentation,
        size_px=config.input_size_px,
        negative_share=experiment.negative_share,
        outputs=config.further_outputs,
    )
    boost = experiment.rare_face_boost
    with CropLoader(dataset, plan, experiment.batch_size, experiment.seed, boost) as crops:
        held_out = HeldOutFaces.read(dataset, plan)
        model, first_epoch = _model(experiment, crops, start, own_run)
        callbacks = _callbacks(own_run) if own_run is not None else []
        if cluster is None:
            epochs = range(first_epoch, experiment.epochs)
            _fit(model, crops, held_out, epochs, callbacks, verbose)
        else:
            model, first_epoch = _mirrored(cluster, model, first_epoch, experiment, crops)
            epochs = range(first_epoch, experiment.epochs)
            fit_on_cluster(cluster, model, crops, held_out, epochs, callbacks, verbose)
    return own_run.best_nme_percent() if own_run is not None else None


def _standardisation(
    experiment: Experiment,
    dataset: Dataset,
    own_run: RunFolder | None,
    cluster: Cluster | None,
) -> Standardisation:
    """The run's, which in a cluster the chief sends to the others."""
    if own_run is None:
        own = Standardisation(*np.zeros((2, len(dataset.layout), 3), np.float32))
    else:
        own = run_standardisation(own_run, dataset, experiment.model.input_size_px)
    if cluster is None:
        return own
    return Standardisation(*cluster.from_chief([own.mean, own.std]))


def _model(
    experiment: Experiment, crops: CropLoader, start: Path | None, own_run: RunFolder | None
) -> tuple[KerasModel, int]:
    """A compiled model as it is after the finished epochs of a run, and their number."""
    model = build_model(experiment.model, keras)
    finished = own_run.finished_epochs() if own_run is not None else 0
    if own_run is not None and not finished:
        set_start_weights(model, start, crops, experiment)
    compile_model(model, experiment, crops.plan.standardisation, crops.steps)
    if own_run is not None and finished:
        model.load_weights(own_run.last_weights)
    return model, finished


def _fit(
    model: KerasModel,
    crops: CropLoader,
    held_out: HeldOutFaces,
    epochs: range,
    callbacks: list[Any],
    verbose: str | int,
) -> None:
    """Keras' fit, for the epochs counted from 0."""
    model.fit(
        crops.batches(epochs.start),
        validation_data=_Validation(held_out),
        initial_epoch=epochs.start,
        epochs=epochs.stop,
        steps_per_epoch=crops.steps,
        callbacks=callbacks,
        verbose=verbose,
        shuffle=False,  # the loader has
    )


class _Validation(keras.utils.PyDataset):  # type: ignore[misc]
    """The held-out faces as Keras takes them on every backend."""

    def __init__(self, held_out: HeldOutFaces) -> None:
        super().__init__()
        self._held_out = held_out

    def __len__(self) -> int:
        return -(-len(self._held_out) // VALIDATION_BATCH)

    def __getitem__(self, number: int) -> NetworkBatch:
        first = number * VALIDATION_BATCH
        return self._held_out.batch(first, first + VALIDATION_BATCH)


def _mirrored(
    cluster: Cluster, model: KerasModel, first_epoch: int, experiment: Experiment, crops: CropLoader
) -> tuple[KerasModel, int]:
    """The chief's model on every replica, optimizer and all, and the epoch to begin with."""
    variables = [*model.variables, *model.optimizer.variables]
    stored = [np.asarray(first_epoch), *(np.asarray(variable) for variable in variables)]
    epoch, *values = cluster.from_chief(stored)
    with cluster.strategy.scope():
        twin = build_model(experiment.model, keras)
        compile_model(twin, experiment, crops.plan.standardisation, crops.steps)
        for variable, value in zip([*twin.variables, *twin.optimizer.variables], values):
            variable.assign(value)
    return twin, int(epoch)


def _callbacks(run: RunFolder) -> list[Any]:
    callbacks = [Checkpoint(run), keras.callbacks.TerminateOnNaN()]
    if keras.backend.backend() == "tensorflow":
        callbacks.append(keras.callbacks.TensorBoard(run.path / "tensorboard", write_graph=False))
    return callbacks
