"""The folder of a quantization-aware training: settings, the float start, checkpoints, curves."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversion.errors import QatError
from edge_runtime.atomic_file import write_whole
from training.network.standardisation import Standardisation
from training.run.trained_model import TrainedModel

SETTINGS_FILE, CURVES_FILE = "qat.json", "curves.csv"
START_FILE, LAST_FILE, BEST_FILE = "start.npz", "last.npz", "best.npz"
KEPT_FILE = "int8.npz"  # beside a model's weights, not here
CURVE_COLUMNS = ("step", "crops", "loss_px", "val_distance_px")

Arrays = Sequence[NDArray[Any]]
CurveRow = tuple[int, int, float, float]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that a resumed training needs: weights, optimizer variables, and the curve so far."""

    weights: Arrays
    optimizer: Arrays
    curve: tuple[CurveRow, ...]

    @property
    def step(self) -> int:
        """Steps that need not be repeated."""
        return self.curve[-1][0]

    @property
    def best_distance_px(self) -> float:
        return min(row[-1] for row in self.curve)


@dataclass(frozen=True)
class QatFolder:
    """Files are written whole, and each checkpoint is one file: an interruption leaves the last."""

    path: Path

    def exists(self) -> bool:
        """Whether a training was ever started here."""
        return (self.path / SETTINGS_FILE).is_file()

    def settings(self) -> dict[str, Any]:
        """As it was started; raises QatError for another folder."""
        if not self.exists():
            raise QatError(
                f"{self.path}: no quantization-aware training (no {SETTINGS_FILE}). "
                "Give the folder that `face520-convert qat` wrote."
            )
        path = self.path / SETTINGS_FILE
        try:
            stored: dict[str, Any] = {**json.loads(path.read_text())}
        except (ValueError, TypeError) as error:
            raise QatError(f"{path}: cannot be read ({error}); start another run.") from error
        return stored

    def write_settings(self, settings: dict[str, Any]) -> None:
        self._write(SETTINGS_FILE, (json.dumps(settings, indent=1) + "\n").encode())

    def has_start(self) -> bool:
        return (self.path / START_FILE).is_file()

    def start(self) -> tuple[Arrays, Standardisation]:
        """The float network's weights, folded and evened out, and its outputs' standardisation."""
        stored = self._load(START_FILE)
        return _listed(stored, "weight"), Standardisation(stored["mean"], stored["std"])

    def write_start(self, weights: Arrays, standardisation: Standardisation) -> None:
        arrays = _named("weight", weights)
        arrays |= {"mean": standardisation.mean, "std": standardisation.std}
        self._write(START_FILE, _packed(arrays))

    def last(self) -> Checkpoint | None:
        """The checkpoint to go on from; None before the first."""
        if not (self.path / LAST_FILE).is_file():
            return None
        stored = self._load(LAST_FILE)
        rows = tuple((int(r[0]), int(r[1]), float(r[2]), float(r[3])) for r in stored["curve"])
        return Checkpoint(_listed(stored, "weight"), _listed(stored, "optimizer"), rows)

    def write(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, also as the best when it is, and the curve as CSV."""
        if checkpoint.curve[-1][-1] <= checkpoint.best_distance_px:
            self._write(BEST_FILE, _packed(_named("weight", checkpoint.weights)))
        arrays = _named("weight", checkpoint.weights) | _named("optimizer", checkpoint.optimizer)
        arrays["curve"] = np.array(checkpoint.curve, np.float64)
        self._write(LAST_FILE, _packed(arrays))
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows([CURVE_COLUMNS, *checkpoint.curve])
        self._write(CURVES_FILE, text.getvalue().encode())

    def best_weights(self) -> Arrays:
        """Weights at the smallest distance to float; raises QatError before the first step."""
        if not (self.path / BEST_FILE).is_file():
            raise QatError(f"{self.path}: no checkpoint yet; go on with `face520-convert qat`.")
        return _listed(self._load(BEST_FILE), "weight")

    def _load(self, file: str) -> dict[str, NDArray[Any]]:
        path = self.path / file
        try:
            with np.load(path) as stored:
                return dict(stored)
        except (OSError, ValueError, EOFError) as error:
            raise QatError(f"{path}: cannot be read ({error}); start another run.") from error

    def _write(self, file: str, content: bytes) -> None:
        write_whole(self.path / file, content)


def kept_path(trained: TrainedModel) -> Path:
    """Where a model's int8 weights lie, if `face520-convert keep` put them there."""
    return trained.weights.with_name(KEPT_FILE)


def _named(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    return {f"{prefix}{number:04d}": array for number, array in enumerate(arrays)}


def _listed(stored: dict[str, NDArray[Any]], prefix: str) -> Arrays:
    return [stored[name] for name in sorted(stored) if name.startswith(prefix)]


def _packed(arrays: dict[str, NDArray[Any]]) -> bytes:
    buffer = BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()
