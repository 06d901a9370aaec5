"""Releases a run: its best weights, rounded once, scored and put with their provenance."""

from __future__ import annotations

from pathlib import Path

from edge_runtime.atomic_file import write_whole
from training.evaluation.aflw2000 import read_folder
from training.evaluation.evaluate import evaluate
from training.run.scored_model import ScoredModel
from training.run.trained_model import TrainedModel


def write_release(
    run: Path, name: str, version: str, output: Path, evaluation_folder: Path | None
) -> dict[str, float]:
    """Write the release folder and return its scores, measured on the rounded weights.

    A run's curves come along, as numbers and as a picture.
    """
    trained = TrainedModel.open(run)
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
