"""Quantization-aware training of a trained model, from its float weights to a checkpoint folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from conversion.equalisation import equalised
from conversion.errors import QatError
from conversion.folded_model import folded
from conversion.layer_graph import GraphModel
from conversion.network import Network
from conversion.qat.crops import crop_plan
from conversion.qat.distillation import Distillation
from conversion.qat.fake_quant import fake_quant, set_ranges
from conversion.qat.folder import Arrays, Checkpoint, QatFolder
from conversion.representative import RepresentativeCrops, calibration_crops, representative_crops
from edge_runtime.arrays import Uint8Image
from training.crops.crop_loader import CropLoader
from training.dataset.data_source import DataSource
from training.dataset.dataset import Dataset
from training.dataset.manifest import file_sha256
from training.run.trained_model import TrainedModel

CALIBRATION_CROPS = 500
VALIDATION_CROPS = 500
CHECKPOINT_STEPS = 100
DATA = "data"  # in the settings: whose photos it learns from


@dataclass(frozen=True)
class QatSettings:
    """What decides a quantization-aware training besides the model and the dataset."""

    epochs: int = 2  # passes over the training faces
    batch_size: int = 32
    learning_rate: float = 1e-4
    seed: int = 520


@dataclass(frozen=True)
class Progress:
    """Where a training stands. loss_px: mean since the checkpoint before; nan at the start."""

    step: int
    steps: int
    loss_px: float
    val_distance_px: float  # to the float network, at the last checkpoint
    is_checkpoint: bool


def train_quantization_aware(
    trained: TrainedModel,
    dataset: Dataset,
    folder: QatFolder,
    settings: QatSettings,
    resume: bool,
    on_step: Callable[[Progress], None],
) -> Checkpoint:
    """Train to the end, or go on to it, and return the last checkpoint.

    Raises QatError when the folder holds a training already (and resume is not asked for) or
    another model's or settings', DatasetError for a dataset of another layout, ConversionError
    naming a layer that int8 kernels do not have.
    """
    plan = crop_plan(dataset, trained)
    _prepare(folder, trained, dataset, settings, resume)
    teacher = _teacher(trained, dataset, folder)
    student = Network(fake_quant(teacher.model), teacher.standardisation)
    validation = representative_crops(dataset, "val", VALIDATION_CROPS, teacher.size_px).faces
    boost = trained.provenance.get("rare_face_boost", 1.0)
    with CropLoader(dataset, plan, settings.batch_size, settings.seed, boost) as crops:
        steps = settings.epochs * crops.steps
        distillation = Distillation(student, teacher, settings.learning_rate, steps)
        run = _Run(student.model, distillation, crops, validation, folder, steps, on_step)
        last = folder.last()
        if last is None:
            # Crops without a face would widen the ranges of landmarks that nobody will read.
            set_ranges(student.model, teacher.model, _calibration(trained, dataset).faces)
            return run.to_the_end(run.checkpoint((), float("nan")))
        run.restore(last)
        return run.to_the_end(last)


def quantization_aware_network(trained: TrainedModel, folder: QatFolder) -> Network:
    """The fake-quant network at its best checkpoint, to convert to int8 or int8-strict.

    Raises QatError when the folder holds none, or one of another model.
    """
    _require_same(folder, "model", _weights_of(trained))
    weights, standardisation = folder.start()
    model = folded(Network.of(trained).model)
    model.set_weights(weights)
    student = fake_quant(model)
    student.set_weights(folder.best_weights())
    data = folder.settings().get(DATA)  # absent where it was begun before folders told it
    return Network(student, standardisation, DataSource(**data) if data else None)


@dataclass(frozen=True, eq=False)
class _Run:
    """The loop: a step, and every CHECKPOINT_STEPS a measurement and a checkpoint."""

    student: GraphModel
    distillation: Distillation
    crops: CropLoader
    validation: Uint8Image
    folder: QatFolder
    steps: int
    on_step: Callable[[Progress], None]

    def to_the_end(self, checkpoint: Checkpoint) -> Checkpoint:
        losses: list[float] = []
        self.on_step(self._progress(checkpoint, checkpoint.step, losses))
        epoch, first_step = divmod(checkpoint.step, self.crops.steps)
        batches = self.crops.batches(epoch, first_step=first_step)
        for step, (images, _, _) in zip(range(checkpoint.step + 1, self.steps + 1), batches):
            losses.append(self.distillation.step(images))
            if step % CHECKPOINT_STEPS == 0 or step == self.steps:
                checkpoint = self.checkpoint(checkpoint.curve, float(np.mean(losses)), step)
                losses = []
            self.on_step(self._progress(checkpoint, step, losses))
        return checkpoint

    def checkpoint(self, curve: tuple[Any, ...], loss_px: float, step: int = 0) -> Checkpoint:
        """Measure, and write the state after that step."""
        distance_px = self.distillation.distance_px(self.validation)
        row = (step, step * self.crops.batch_size, round(loss_px, 5), round(distance_px, 5))
        state = Checkpoint(self.student.get_weights(), self._optimizer(), (*curve, row))
        self.folder.write(state)
        return state

    def _progress(self, checkpoint: Checkpoint, step: int, losses: list[float]) -> Progress:
        _, _, loss_px, distance_px = checkpoint.curve[-1]
        loss_px = float(np.mean(losses)) if losses else loss_px
        return Progress(step, self.steps, loss_px, distance_px, step == checkpoint.step)

    def restore(self, checkpoint: Checkpoint) -> None:
        self.student.set_weights(checkpoint.weights)
        for variable, value in zip(self.distillation.optimizer.variables, checkpoint.optimizer):
            variable.assign(value)

    def _optimizer(self) -> Arrays:
        return [variable.numpy() for variable in self.distillation.optimizer.variables]


def _prepare(
    folder: QatFolder, trained: TrainedModel, dataset: Dataset, settings: QatSettings, resume: bool
) -> None:
    content = asdict(settings) | {
        "model": _weights_of(trained),
        "dataset": dataset.manifest.sources,
    }
    if not folder.exists():
        folder.write_settings(content | {DATA: asdict(dataset.manifest.data)})
        return
    if not resume:
        raise QatError(
            f"{folder.path}: holds a training already. Pass --resume to go on with it, or another "
            "--run."
        )
    for key, value in content.items():
        _require_same(folder, key, value)


def _require_same(folder: QatFolder, key: str, value: Any) -> None:
    if folder.settings().get(key) != value:
        raise QatError(
            f"{folder.path}: was trained with another {key.replace('_', ' ')}. "
            "Give the one it was started with, or another --run."
        )


def _weights_of(trained: TrainedModel) -> str:
    return file_sha256(trained.weights)


def _calibration(trained: TrainedModel, dataset: Dataset) -> RepresentativeCrops:
    return calibration_crops(Network.of(trained), dataset, CALIBRATION_CROPS)


def _teacher(trained: TrainedModel, dataset: Dataset, folder: QatFolder) -> Network:
    """The float network, folded and evened out; the same in a resumed training."""
    if folder.has_start():
        weights, standardisation = folder.start()
        model = folded(Network.of(trained).model)
        model.set_weights(weights)
        return Network(model, standardisation)
    even = equalised(Network.of(trained), _calibration(trained, dataset).faces)
    folder.write_start(even.model.get_weights(), even.standardisation)
    return even
