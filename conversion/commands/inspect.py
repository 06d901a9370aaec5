"""`face520-convert inspect`: the contract that a file carries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from edge_runtime.console import out

SHOWN = 0.1  # least blendshape at rest that is named


def inspect(
    file: Annotated[Path, typer.Argument(metavar="TFLITE", help="A file written by export.")],
) -> None:
    """Print the contract that a file carries."""
    from edge_runtime.blendshapes import BLENDSHAPE_NAMES
    from edge_runtime.network.contract import ModelContract

    contract = ModelContract.read(file)
    table = Table(show_header=False)
    for name, value in vars(contract).items():
        if name in ("output_mean", "output_std"):
            value = f"{value.shape[0]} x {value.shape[1]}, {value.min():.3f} to {value.max():.3f}"
        elif name == "accuracy":
            value = ", ".join(f"{key} {score:.3f}" for key, score in value.items())
        elif name == "expression_at_rest":
            moved = [(n, rest) for n, rest in zip(BLENDSHAPE_NAMES, value) if rest >= SHOWN]
            value = ", ".join(f"{n} {rest:.2f}" for n, rest in moved)
            value += f"{', others' if moved else 'all'} below {SHOWN}"
        elif isinstance(value, tuple):
            value = ", ".join(value)
        table.add_row(name, str(value))
    out.print(table)
