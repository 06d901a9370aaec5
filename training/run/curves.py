"""The curves of a run: a row of numbers for every finished epoch, and their picture."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from edge_runtime.atomic_file import write_whole
from training.figure_file import write_figure

PANELS = (("loss", "loss"), ("nme", "NME, %"))


@dataclass(frozen=True)
class Curves:
    """Rows of epoch (from 1), loss, nme, val_loss, val_nme, learning_rate and the like."""

    rows: tuple[dict[str, float], ...]

    @classmethod
    def read(cls, path: Path) -> Curves:
        """Read a CSV; a file that is not there has no rows."""
        if not path.is_file():
            return cls(())
        with path.open() as file:
            rows = csv.DictReader(file)
            return cls(tuple({key: float(value) for key, value in row.items()} for row in rows))

    def with_epoch(self, row: dict[str, float]) -> Curves:
        """With a row added, in place of those of the same epoch and later."""
        earlier = tuple(old for old in self.rows if old["epoch"] < row["epoch"])
        return Curves((*earlier, row))

    def column(self, name: str) -> list[float]:
        return [row[name] for row in self.rows]

    def write(self, path: Path) -> None:
        """Write the CSV, whole or not at all."""
        text = io.StringIO()
        table = csv.DictWriter(text, list(self.rows[-1]), lineterminator="\n")
        table.writeheader()
        table.writerows({name: f"{value:.9g}" for name, value in row.items()} for row in self.rows)
        write_whole(path, text.getvalue().encode())

    def draw(self, path: Path) -> None:
        """Draw a PNG: loss and NME over the epochs, of training and validation."""
        figure = Figure(figsize=(10, 4), dpi=80, layout="constrained")
        epochs = self.column("epoch")
        for axes, (name, title) in zip(figure.subplots(1, len(PANELS)), PANELS):
            for prefix, label in (("", "training"), ("val_", "validation")):
                axes.plot(epochs, self.column(prefix + name), ".-", label=label)
            axes.set_title(title)
            axes.set_xlabel("epoch")
            axes.set_yscale("log")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            for formatter in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
                formatter("{x:g}")
            axes.grid(which="both", alpha=0.3)
            axes.legend()
        write_figure(figure, path)
