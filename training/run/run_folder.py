"""The folder of one training run: what is needed to understand, resume and release it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_runtime.atomic_file import write_whole
from edge_runtime.errors import Face520Error
from training.network.model import RegressorConfig
from training.network.standardisation import Standardisation

BEST_WEIGHTS, CURVES_FILE = "best.weights.h5", "curves.csv"
STATE_FILE, CONFIG_FILE, STANDARDISATION_FILE = "state.json", "config.json", "standardisation.json"


class RunError(Face520Error):
    """A run cannot start, go on or be read as asked."""


@dataclass(frozen=True)
class RunFolder:
    """Settings and state as JSON, the layout, curves, and two checkpoints: last and best."""

    path: Path

    @property
    def last_weights(self) -> Path:
        """The checkpoint to resume from."""
        return self.weights_after(self.finished_epochs())

    @property
    def best_weights(self) -> Path:
        return self.path / BEST_WEIGHTS

    @property
    def curves(self) -> Path:
        return self.path / CURVES_FILE

    def weights_after(self, epochs: int) -> Path:
        """Where the weights after so many epochs are kept until the next epoch's are safe."""
        return self.path / f"last-{epochs:04d}.weights.h5"

    def exists(self) -> bool:
        """Whether a run was ever started here."""
        return (self.path / CONFIG_FILE).is_file()

    def finished_epochs(self) -> int:
        """Epochs that a resumed run need not repeat."""
        return int(self._state()["finished_epochs"])

    def best_nme_percent(self) -> float:
        """Validation NME of the best checkpoint; infinite before the first epoch ends."""
        return float(self._state()["best_nme_percent"])

    def standardisation(self) -> Standardisation:
        return Standardisation.from_json(self._read(STANDARDISATION_FILE))

    def config(self) -> dict[str, Any]:
        """The experiment as it was started, with git revision and hashes of the data."""
        return self._read(CONFIG_FILE)

    def model_config(self) -> RegressorConfig:
        return RegressorConfig.from_json(self.config()["model"])

    def write(self, file: str, content: dict[str, Any]) -> None:
        """Write a JSON file whole or not at all."""
        write_whole(self.path / file, (json.dumps(content, indent=1) + "\n").encode())

    def finish_epoch(self, finished_epochs: int, best_nme_percent: float) -> None:
        """Make weights_after(finished_epochs), which are written, the ones to resume from.

        An interruption before this leaves the epoch undone, one after it leaves it done.
        """
        state = {"finished_epochs": finished_epochs, "best_nme_percent": best_nme_percent}
        self.write(STATE_FILE, state)
        for path in self.path.glob("last-*.weights.h5"):
            if path != self.weights_after(finished_epochs):
                path.unlink()

    def _state(self) -> dict[str, Any]:
        if not (self.path / STATE_FILE).is_file():
            return {"finished_epochs": 0, "best_nme_percent": float("inf")}
        return self._read(STATE_FILE)

    def _read(self, file: str) -> dict[str, Any]:
        path = self.path / file
        if not path.is_file():
            raise RunError(
                f"{self.path}: not a training run (no {file}). "
                "Give the folder that `face520-train run` wrote."
            )
        stored: dict[str, Any] = json.loads(path.read_text())
        return stored
