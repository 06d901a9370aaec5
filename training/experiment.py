"""One experiment: all that decides a training run, in one frozen value."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path

from training.crops.augment import Augmentation
from training.errors import ExperimentError
from training.network.losses import Emphasis, LossName
from training.network.regressor_config import RegressorConfig


@dataclass(frozen=True)
class Experiment:
    """What a file in training/experiments/ declares; seed and data order follow from it."""

    name: str
    model: RegressorConfig = field(default_factory=RegressorConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)
    loss: LossName = "paper"
    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 1e-4
    warmup_epochs: float = 0.5
    freeze_batch_norm: bool = False  # of the backbone; a detail branch learns its own
    ridge_start: bool = False  # fit the head to the backbone's features before the first step
    negative_share: float = 0.0  # of the crops, without a face; for a model with presence
    presence_weight: float = 1.0  # of the presence loss beside the landmarks' in px
    expression_weight: float = 1.0  # the same of the blendshapes'
    visibility_weight: float = 1.0  # the same of the visibility's
    emphasis: Emphasis | None = None  # on lids and lips in the landmarks' loss
    matched_layers: tuple[str, ...] = ()  # parts between them first learn to be the start's
    matched_epochs: int = 0  # for so long
    trained_layers: tuple[str, ...] = ()  # alone, the others stay as they start; () for all
    rare_face_boost: float = 1.0  # how many times as often as the others the rarest face is shown
    seed: int = 520

    def __post_init__(self) -> None:
        if self.model.has_presence != (self.negative_share > 0):
            raise ExperimentError(
                f"experiment {self.name}: a presence output is learned from negatives; give both "
                "has_presence=True and a negative_share above 0, or neither."
            )


def experiment_names() -> list[str]:
    """Names of the experiments that face520 ships."""
    files = Path(__file__).with_name("experiments").glob("[!_]*.py")
    return sorted(file.stem for file in files)


def load_experiment(name: str) -> Experiment:
    """The EXPERIMENT of training/experiments/<name>.py; raises ExperimentError."""
    if name not in experiment_names():
        raise ExperimentError(
            f"no experiment {name!r}; there are {', '.join(experiment_names())}. "
            "Add your own as a file in training/experiments/."
        )
    experiment: Experiment = importlib.import_module(f"training.experiments.{name}").EXPERIMENT
    return experiment
