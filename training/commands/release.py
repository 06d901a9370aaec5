"""`face520-train release`: a run's best weights, rounded once, scored, with their provenance."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from edge_runtime.atomic_file import write_whole
from edge_runtime.console import out
from training.dataset.data_source import NOT_STATED
from training.keras_backend import load_keras


def release(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    name: Annotated[str, typer.Option(help="Name of the model, such as main.")],
    version: Annotated[str, typer.Option(help="Its version, such as 1.0.0.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Release folder.")],
    folder: Annotated[
        Path | None, typer.Option("--evaluate", metavar="FOLDER", help="Score it on AFLW2000-3D.")
    ] = None,
    licence: Annotated[
        str, typer.Option("--licence", help="Terms of the weights themselves.")
    ] = NOT_STATED,
) -> None:
    """Round the best weights to float16 and write them with configuration and provenance.

    What they learned from, and under which licence, is what the datasets of this run and of those
    it started from say: `fit` and `dataset build` take --source and --licence. The .tflite files
    that face520-convert makes of the release folder carry it.
    """
    load_keras()
    from training.dataset.data_source import licence_words, training_data_words
    from training.run.trained_model import TrainedModel

    scores = write_release(run, name, version, output, folder, licence)
    learned_from = TrainedModel.open(output).learned_from
    out.print(f"trained on {training_data_words(learned_from)}")
    out.print(f"licence of these photos: {licence_words(learned_from)}")
    for key, value in scores.items():
        out.print(f"{key}: {value:.3f}")
    out.print(str(output), style="green")


def write_release(
    run: Path,
    name: str,
    version: str,
    output: Path,
    evaluation_folder: Path | None,
    licence: str = NOT_STATED,
) -> dict[str, float]:
    """Write the release folder and return its scores, measured on the rounded weights.

    So are its blendshapes at rest, on the open photos. licence: the terms of the weights; it goes
    into the provenance, and from there into every file, as what the run learned from does. A run's
    curves come along, as numbers and as a picture.
    """
    from training.evaluation.aflw2000 import read_folder
    from training.evaluation.evaluate import evaluate
    from training.open_faces.resting_faces import expression_at_rest
    from training.run.scored_model import ScoredModel
    from training.run.trained_model import LEARNED_FROM, TrainedModel

    trained = TrainedModel.open(run)
    own, *earlier = trained.learned_from
    learned_from = [asdict(one) for one in (replace(own, model=f"{name} {version}"), *earlier)]
    words = {LEARNED_FROM: learned_from, "licence": licence}
    trained = replace(trained, provenance=trained.provenance | words, expression_at_rest=())
    scores = dict(trained.scores)
    trained.release(output, name, version, scores)
    rounded = ScoredModel.open(output)
    if rounded.expression is not None:
        at_rest = expression_at_rest(rounded.expression, rounded.input_size_px)
        trained = replace(trained, expression_at_rest=at_rest)
    if evaluation_folder is not None:
        faces = read_folder(evaluation_folder)
        evaluation = evaluate(faces, rounded.landmarks, rounded.input_size_px)
        scores[f"{evaluation_folder.name}_nme_percent"] = evaluation.scores.headline_nme_percent
    trained.tell(output, name, version, scores)
    for curves in run.glob("curves.*"):
        write_whole(output / curves.name, curves.read_bytes())
    return scores
