"""`face520-train release`: a run's best weights, rounded once, scored, with their provenance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from edge_runtime.atomic_file import write_whole
from edge_runtime.console import out
from training.keras_backend import load_keras

NOT_STATED = "not stated"


def release(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    name: Annotated[str, typer.Option(help="Name of the model, such as main.")],
    version: Annotated[str, typer.Option(help="Its version, such as 1.0.0.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Release folder.")],
    folder: Annotated[
        Path | None, typer.Option("--evaluate", metavar="FOLDER", help="Score it on AFLW2000-3D.")
    ] = None,
    training_data: Annotated[
        str, typer.Option("--training-data", help="What it was trained on; the files carry it.")
    ] = NOT_STATED,
    licence: Annotated[
        str, typer.Option("--licence", help="Under which terms; the files carry it.")
    ] = NOT_STATED,
) -> None:
    """Round the best weights to float16 and write them with configuration and provenance.

    face520-convert turns the release folder into .tflite files.
    """
    load_keras()
    words = {"training_data": training_data, "licence": licence}
    scores = write_release(run, name, version, output, folder, words)
    for key, value in scores.items():
        out.print(f"{key}: {value:.3f}")
    out.print(str(output), style="green")


def write_release(
    run: Path,
    name: str,
    version: str,
    output: Path,
    evaluation_folder: Path | None,
    words: dict[str, str],
) -> dict[str, float]:
    """Write the release folder and return its scores, measured on the rounded weights.

    words: "training_data" and "licence", which go into the provenance and from there into every
    file. A run's curves come along, as numbers and as a picture.
    """
    from training.evaluation.aflw2000 import read_folder
    from training.evaluation.evaluate import evaluate
    from training.run.scored_model import ScoredModel
    from training.run.trained_model import TrainedModel

    trained = TrainedModel.open(run)
    trained = replace(trained, provenance=trained.provenance | words)
    scores = dict(trained.scores)
    trained.release(output, name, version, scores)
    if evaluation_folder is not None:
        rounded = ScoredModel.open(output)
        faces = read_folder(evaluation_folder)
        evaluation = evaluate(faces, rounded.landmarks, rounded.input_size_px)
        scores[f"{evaluation_folder.name}_nme_percent"] = evaluation.scores.headline_nme_percent
        trained.release(output, name, version, scores)
    for curves in run.glob("curves.*"):
        write_whole(output / curves.name, curves.read_bytes())
    return scores
