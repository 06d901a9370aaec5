"""What is kept of a finished epoch: its weights, the best weights so far and the curves."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

import keras

from edge_runtime.atomic_file import whole_file
from training.errors import RunError
from training.run.curves import Curves
from training.run.run_folder import RunFolder


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps every finished epoch, so that a run stopped at any moment goes on after the last.

    Raises RunError when the loss is no number any more.
    """

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self._run = run

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        row = _row(epoch + 1, logs or {})
        if not isfinite(row["loss"]):
            raise RunError(
                f"{self._run.path}: the loss is {row['loss']} in epoch {epoch + 1}. Start a new "
                "run of the experiment with a lower learning_rate; the epochs before are kept."
            )
        row["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        curves = Curves.read(self._run.curves).with_epoch(row)
        curves.write(self._run.curves)
        curves.draw(self._run.curves.with_suffix(".png"))
        best = self._run.best_nme_percent()
        if row["val_nme"] < best:  # false for NaN
            best = row["val_nme"]
            self._save(self._run.best_weights)
        self._save(self._run.weights_after(epoch + 1))
        self._run.finish_epoch(epoch + 1, best)

    def _save(self, path: Path) -> None:
        with whole_file(path) as temporary:
            self.model.save_weights(temporary)


def _row(epoch: int, logs: dict[str, Any]) -> dict[str, float]:
    """Keras' logs under the same names for one output and for several, which Keras prefixes."""
    row: dict[str, float] = {"epoch": epoch}
    for name, value in logs.items():
        row[name.replace("landmarks_nme", "nme")] = float(value)
    return row
