"""What a run begins with: its folder, its standardisation and its weights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import keras

from edge_runtime.files.git_revision import git_revision
from training.crops.crop_loader import CropLoader
from training.crops.crop_plan import NetworkBatch, measure_standardisation
from training.dataset.data_source import DataSource
from training.dataset.dataset import Dataset
from training.dataset.manifest import LAYOUT_FILE
from training.errors import ExperimentError, RunError
from training.experiment import Experiment
from training.network.keras_model import KerasModel
from training.network.standardisation import Standardisation
from training.run.run_folder import CONFIG_FILE, STANDARDISATION_FILE, RunFolder
from training.run.start.head_fit import fit_head
from training.run.start.match import match
from training.run.start.start_weights import load_backbone, start_from
from training.run.trained_model import LEARNED_FROM, TrainedModel, weights_sha256

CALIBRATION_BATCHES = 64


def prepare_folder(
    run: RunFolder, experiment: Experiment, dataset: Dataset, start: Path | None, resume: bool
) -> None:
    """Write what a run is begun with or, to resume, compare it with what was written.

    Raises RunError when the folder holds a run already (and resume is not asked for) or one of
    other settings or data.
    """
    settings = json.loads(json.dumps(asdict(experiment)))
    settings |= {"layout": dataset.manifest.layout, "dataset": dataset.manifest.sources}
    if not run.exists():
        own = replace(dataset.manifest.data, model=experiment.name)
        provenance = {
            "git_revision": git_revision(),
            "start": weights_sha256(start) if start else "",
            LEARNED_FROM: [asdict(one) for one in (own, *_learned_before(start))],
        }
        run.path.mkdir(parents=True, exist_ok=True)
        run.write(LAYOUT_FILE, dataset.layout.to_json())
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
            "experiment and the dataset it was started with, or give another --run."
        )


def _learned_before(start: Path | None) -> tuple[DataSource, ...]:
    """What the weights to start from had learned from, as far as they say."""
    if start is None:
        return ()
    return TrainedModel.open(start).learned_from if start.is_dir() else (DataSource(start.name),)


def run_standardisation(run: RunFolder, dataset: Dataset, size_px: int) -> Standardisation:
    """The run's own once it has one: a resumed run must not measure anew."""
    if not (run.path / STANDARDISATION_FILE).is_file():
        measured = measure_standardisation(dataset, size_px)
        run.write(STANDARDISATION_FILE, measured.to_json())
    return run.standardisation()


def set_start_weights(
    model: KerasModel, start: Path | None, crops: CropLoader, experiment: Experiment
) -> None:
    """Set the weights before the first step.

    start: the backbone's .npz, or the run or release folder of a trained model; None leaves random
    ones. Raises ExperimentError where layers are to be matched and there is no trained model.
    """
    trained = TrainedModel.open(start) if start is not None and start.is_dir() else None
    if experiment.matched_layers and trained is None:
        raise ExperimentError(
            f"experiment {experiment.name}: its layers are matched to a trained model's first. "
            "Pass --start with that model's release or run folder."
        )

    def first(count: int) -> Iterator[NetworkBatch]:
        return islice(crops.batches(0), count)

    if trained is not None:
        images = (batch[0] for batch in first(CALIBRATION_BATCHES))
        kept = start_from(model, trained, crops.plan.standardisation, images, keras)
        if experiment.matched_layers:
            layers, epochs = experiment.matched_layers, experiment.matched_epochs
            match(model, trained, layers, crops.batches(0), crops.steps, epochs, kept)
    elif start is not None:
        load_backbone(model, start)
    if experiment.ridge_start:
        fit_head(model, first(crops.steps), keras)
