"""`face520-convert`: trained models to verified .tflite files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from conversion.converter import VARIANTS, Variant
from edge_runtime.errors import Face520Error
from training.quiet_tensorflow import load_tensorflow

HELP = """
Convert trained face520 models to TensorFlow Lite, and look into the files.

\b
Examples:
  face520-convert export training/released/main --dataset DATASET
  face520-convert export RUN --variant float32 --output models
  face520-convert inspect face520_main_int8.tflite

Every file carries its contract (crop rule, input scale, output affine, layout, training data,
scores) as TFLite metadata, and is compared with Keras on real crops before it is written.

\b
Exit codes: 0 done; 2 the message says which file, what is wrong and what to do.
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None, help=HELP, no_args_is_help=True)
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Release or run folder.")],
    variant: Annotated[
        list[str] | None,
        typer.Option("--variant", metavar="NAME", help=f"{', '.join(VARIANTS)}; repeatable."),
    ] = None,
    dataset: Annotated[
        Path | None,
        typer.Option("--dataset", metavar="DIR", help="Faces for int8 ranges and verification."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR")] = Path("."),
    calibration_crops: Annotated[
        int, typer.Option(min=50, help="Faces that set the int8 ranges.")
    ] = 500,
) -> None:
    """Write face520_<name>_<variant>.tflite files; by default float32 and int8.

    int8 is full integer inside (post-training quantization) with float input and output.
    """
    load_tensorflow()
    from conversion.export import export as export_model
    from training.trained_model import TrainedModel

    trained = TrainedModel.open(model)
    variants = _checked_variants(variant or list(VARIANTS))
    with _err.status("starting TensorFlow") as status:
        files = export_model(trained, variants, output, dataset, status.update, calibration_crops)
    table = Table(Column("file", overflow="fold"), "size, kB", "mean, px", "p99, px", "max, px")
    for file in files:
        distances = (file.agreement.mean_px, file.agreement.p99_px, file.agreement.max_px)
        size = f"{file.size_bytes / 1000:.0f}"
        table.add_row(str(file.path), size, *(f"{distance:.3f}" for distance in distances))
    _out.print(table)
    crops, side = files[0].agreement.crops, trained.config.input_size_px
    _out.print(f"Distances to Keras over {crops} crops, in px of the {side} px crop.")


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(metavar="TFLITE", help="A file written by export.")],
) -> None:
    """Print the contract that a file carries."""
    from edge_runtime.contract import ModelContract

    contract = ModelContract.read(file)
    table = Table(show_header=False)
    for name, value in vars(contract).items():
        if name in ("output_mean", "output_std"):
            value = f"{value.shape[0]} x {value.shape[1]}, {value.min():.3f} to {value.max():.3f}"
        elif name == "accuracy":
            value = ", ".join(f"{key} {score:.3f}" for key, score in value.items())
        table.add_row(name, str(value))
    _out.print(table)


def _checked_variants(names: list[str]) -> list[Variant]:
    known: list[Variant] = [variant for variant in VARIANTS if variant in names]
    unknown = [name for name in names if name not in VARIANTS]
    if unknown:
        raise Face520Error(f"unknown variant {unknown[0]!r}; there are {', '.join(VARIANTS)}.")
    return known


def main() -> None:
    """Entry point of `face520-convert`."""
    try:
        app()
    except Face520Error as error:
        _err.print(str(error), style="red", markup=False)
        raise SystemExit(2) from None
