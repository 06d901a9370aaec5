"""`face520-convert export`: a trained model to verified .tflite files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from conversion.variant import DEFAULT_VARIANTS, FAKE_QUANT_VARIANTS, VARIANTS, checked_variants
from edge_runtime.console import complain, err, out
from training.keras_backend import load_tensorflow


def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Release or run folder.")],
    variant: Annotated[
        list[str] | None,
        typer.Option("--variant", metavar="NAME", help=f"{', '.join(VARIANTS)}; repeatable."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every variant.")] = False,
    dataset: Annotated[
        Path | None,
        typer.Option("--dataset", metavar="DIR", help="Faces for int8 ranges and verification."),
    ] = None,
    evaluate: Annotated[
        Path | None,
        typer.Option("--evaluate", metavar="FOLDER", help="AFLW2000-3D: measure NME as well."),
    ] = None,
    qat_run: Annotated[
        Path | None,
        typer.Option("--qat", metavar="RUN", help="int8 from this training by `qat`."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR")] = Path("."),
    calibration_crops: Annotated[
        int, typer.Option(min=50, help="Faces that set the ranges of integer variants.")
    ] = 500,
) -> None:
    """Write face520_<name>_<variant>.tflite files and a report; by default float32 and int8.

    \b
    float32      as trained
    float16      weights in half precision, computed in float
    dynamic      weights in int8, activations rounded while it runs
    int8         integers throughout, input and outputs float
    int8-strict  input and outputs int8 as well, no float operator: NPU, Edge TPU, microcontroller
    int16x8      activations in 16 bits, weights in int8

    int8 and int8-strict come from the training by `qat` that --qat names, or that `keep` put beside
    MODEL, as all released models have it; otherwise they are calibrated on the faces of --dataset.

    The report, face520_<name>_conversion.html and .json, is written even when a variant fails.
    """
    variants = checked_variants(list(VARIANTS) if every else variant or list(DEFAULT_VARIANTS))
    from conversion.export import ExportOptions, check_options
    from conversion.export import export as export_model
    from conversion.qat.folder import QatFolder, kept_path
    from conversion.report.page import write_report
    from training.dataset.dataset import Dataset
    from training.run.trained_model import TrainedModel

    trained = TrainedModel.open(model)
    faces = Dataset.open(dataset) if dataset is not None else None
    options = ExportOptions(output, faces, evaluate, calibration_crops)
    wants_trained = not set(variants).isdisjoint(FAKE_QUANT_VARIANTS)
    has_trained = qat_run is not None or kept_path(trained).is_file()
    check_options(variants, options, has_trained)
    load_tensorflow()
    fake_quantized = None
    if wants_trained and has_trained:
        from conversion.qat.kept_weights import kept_network
        from conversion.qat.run import quantization_aware_network

        fake_quantized = (
            quantization_aware_network(trained, QatFolder(qat_run))
            if qat_run is not None
            else kept_network(trained)
        )
    with err.status("starting TensorFlow") as status:
        report = export_model(trained, variants, options, status.update, fake_quantized)
        page = write_report(report, output)
    table = Table(Column("file", overflow="fold"), "size, kB", "mean, px", "p95, px", "max, px")
    table.add_column("NME, %")
    table.add_column("ms here")
    for one in report.variants:
        agreement, name = one.agreement, one.file if one.passed else f"{one.variant}: not written"
        px = (agreement.mean_px, agreement.p95_px, agreement.max_px) if agreement else ()
        cells = [f"{value:.3f}" for value in px] or ["", "", ""]
        cells.append(f"{one.nme_percent['mean']:.3f}" if one.nme_percent else "")
        cells.append(f"{one.latency_ms:.2f}" if one.latency_ms is not None else "")
        table.add_row(name, f"{one.size_bytes / 1000:.0f}", *cells)
    out.print(table)
    crops = sum(report.verification.values())
    out.print(f"Distances to Keras over {crops} crops, in px of the {report.size_px} px crop.")
    out.print(f"Report: {page}")
    for one in report.variants:
        for failure in one.failures:
            complain(f"{one.variant} was not written: {failure}")
    if not report.passed:
        raise typer.Exit(1)
