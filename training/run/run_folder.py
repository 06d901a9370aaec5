"""The folder of one training run: what is needed to understand, resume and release it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from edge_runtime.atomic_file import write_whole
from training.errors import RunError
from training.network.regressor_config import RegressorConfig
from training.network.standardisation import Standardisation

BEST_WEIGHTS, CURVES_FILE = "best.weights.h5", "curves.csv"
STATE_FILE, CONFIG_FILE, STANDARDISATION_FILE = "state.json", "config.json", "standardisation.json"

Content = TypeVar("Content")


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
        return self._state()[0]

    def best_nme_percent(self) -> float:
        """Validation NME of the best checkpoint; infinite before the first epoch ends."""
        return self._state()[1]

    def standardisation(self) -> Standardisation:
        return self._read(STANDARDISATION_FILE, Standardisation.from_json)

    def config(self) -> dict[str, Any]:
        """The experiment as it was started, with git revision and hashes of the data."""
        return self._read(CONFIG_FILE, lambda stored: {"name": stored["name"]} | stored)

    def model_config(self) -> RegressorConfig:
        return self._read(CONFIG_FILE, lambda stored: RegressorConfig.from_json(stored["model"]))

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

    def _state(self) -> tuple[int, float]:
        """Finished epochs, and the best validation NME."""
        if not (self.path / STATE_FILE).is_file():
            return 0, float("inf")
        return self._read(
            STATE_FILE,
            lambda stored: (int(stored["finished_epochs"]), float(stored["best_nme_percent"])),
        )

    def _read(self, file: str, parse: Callable[[Any], Content]) -> Content:
        """A JSON file as parse understands it; raises RunError."""
        path = self.path / file
        if not path.is_file():
            raise RunError(
                f"{self.path}: not a training run (no {file}). "
                "Give the folder that `face520-train run` wrote."
            )
        try:
            return parse(json.loads(path.read_text()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunError(
                f"{path}: not what `face520-train run` writes ({error!r}). Start another run."
            ) from error
