"""`face520-convert heads`: what int8 costs by the form of the landmark outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from training.quiet_tensorflow import load_tensorflow

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


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
    from training.run.trained_model import TrainedModel

    trained = TrainedModel.open(model)
    table = Table("head", "the network says", "mean, px", "p95, px", "max, px")
    with _err.status("calibrating"):
        for one in compare_heads(trained, dataset):
            px = [f"{value:.3f}" for value in (one.mean_px, one.p95_px, one.max_px)]
            table.add_row(one.head, one.says, *px)
    _out.print(table)
    _out.print(f"Distances to Keras over held-out faces, px of {trained.config.input_size_px}.")
