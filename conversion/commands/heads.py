"""`face520-convert heads`: what int8 costs by the form of the landmark outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from edge_runtime.console import err, out
from training.keras_backend import load_tensorflow


def heads(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Release or run folder.")],
    dataset: Annotated[
        Path,
        typer.Option("--dataset", metavar="DIR", help="Folder that face520-train dataset wrote."),
    ],
) -> None:
    """Compare forms of the landmark outputs by what int8 costs them; writes no file.

    Raw, residual and standardised coordinates, and a last layer in float: the same network and the
    same calibration each time. It takes a minute or two.
    """
    load_tensorflow()
    from conversion.verification.head_comparison import compare_heads
    from training.dataset.dataset import Dataset
    from training.run.trained_model import TrainedModel

    trained, faces = TrainedModel.open(model), Dataset.open(dataset)
    table = Table("head", "the network says", "mean, px", "p95, px", "max, px")
    with err.status("calibrating"):
        for one in compare_heads(trained, faces):
            px = [f"{value:.3f}" for value in (one.mean_px, one.p95_px, one.max_px)]
            table.add_row(one.head, one.predicts, *px)
    out.print(table)
    out.print(f"Distances to Keras over held-out faces, px of {trained.config.input_size_px}.")
