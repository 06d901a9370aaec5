"""`face520-train average`: a model between two."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge_runtime.console import out
from training.errors import RunError
from training.keras_backend import load_keras

HELP = """
Average a model with one that was trained on from it, weight by weight.

The result is a run folder with SECOND's settings: evaluate it, release it, or train on from it.

\b
Example:
  face520-train average training/released/main runs/main_places --share 0.75 --run runs/average
"""


def average(
    first: Annotated[Path, typer.Argument(metavar="FIRST", help="Run or release folder.")],
    second: Annotated[
        Path, typer.Argument(metavar="SECOND", help="The same of what was trained on from it.")
    ],
    run: Annotated[Path, typer.Option("--run", metavar="DIR", help="Folder of the result.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="Of SECOND in the average.")] = 0.5,
) -> None:
    """Average two models."""
    load_keras()
    from training.run.averaging import write_average
    from training.run.run_folder import RunFolder
    from training.run.trained_model import TrainedModel

    folder = RunFolder(run)
    if folder.exists():
        raise RunError(f"{run}: holds a run already. Give another --run.")
    write_average(TrainedModel.open(first), TrainedModel.open(second), share, folder)
    out.print(str(run), style="green")
