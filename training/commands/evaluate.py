"""`face520-train evaluate`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge_runtime.atomic_file import check_writable
from edge_runtime.console import out
from edge_runtime.native_stderr import stderr_of_libraries_closed
from training.errors import EvaluationError
from training.keras_backend import load_keras

HELP = """
NME by the AFLW2000-3D protocol, on held-out faces, and whether presence tells a face from none.

MODEL is a run or release folder, a .tflite file, or MediaPipe's mesh: mediapipe, or
mediapipe-attention, which looks at eyes and lips once more.

FOLDER holds imageNNNNN.jpg with imageNNNNN.mat beside it. Crops come from the true boxes and no
image is left out. NME is the mean distance of the 68 points, xy, over sqrt(w*h) of their true box;
the score is the mean of the means of three yaw ranges. Where the folder holds re-annotated labels,
reannotated_pts68.npy (N, 2, 68) with its order in names.txt, they are compared with too.

A FOLDER in 300W's format, photos with .pts beside them or bare lists of 68, gives mean distances
over that of the outer eye corners, with each landmark's mean offset removed too, and how far
openness follows people's.

--held-out takes the faces that a dataset keeps from training, each in its true square, in one that
is off as little as a tracker's and as much as a detector's, and damaged by blur, noise, hands.
Where people placed eyes and lips: how far the model's openness follows theirs, correlation and
slope of the regression, in the picture; and whether closed eyes are told from open ones.

--output writes scores.json, faces.csv (every face), ced.png (the cumulative curve), worst.jpg (the
worst faces, labels green, model red), presence.png (the ROC curve) and openness.png (the model's
openings over people's).

\b
Examples:
  face520-train evaluate runs/main AFLW2000-3D/
  face520-train evaluate main_int8.tflite AFLW2000-3D/ --end-to-end --output scores/
  face520-train evaluate runs/main --held-out DATASET --presence DATASET
  face520-train evaluate mediapipe-attention --held-out DATASET
"""


def evaluate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A folder, a .tflite file or mediapipe.")
    ],
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="AFLW2000-3D, 300W, or the like.")
    ] = None,
    end_to_end: Annotated[
        bool, typer.Option("--end-to-end", help="Also with the own detector; needs a .tflite.")
    ] = False,
    presence: Annotated[
        Path | None,
        typer.Option("--presence", metavar="DATASET", help="Score presence on its held-out faces."),
    ] = None,
    held_out: Annotated[
        Path | None,
        typer.Option("--held-out", metavar="DATASET", help="NME of its held-out faces."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write scores and pictures here."),
    ] = None,
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the scores alone.")
    ] = None,
) -> None:
    """The command; `HELP` is what a person reads."""
    if folder is None and presence is None and held_out is None:
        raise EvaluationError(
            "Nothing to evaluate on: give a FOLDER of annotated faces, --held-out DATASET or "
            "--presence DATASET."
        )
    from training.run.scored_model import MEDIAPIPE_MESHES

    is_keras = model.suffix != ".tflite" and str(model) not in MEDIAPIPE_MESHES
    if end_to_end and (folder is None or is_keras):
        raise EvaluationError(
            "--end-to-end runs the detector and a .tflite file on the photos of a FOLDER; give "
            "both. face520-convert makes a .tflite file of a run or release folder."
        )
    if is_keras:
        load_keras()
    from training.dataset.dataset import Dataset
    from training.evaluation.files import SCORES_FILE, write_evaluation
    from training.evaluation.report import Findings
    from training.evaluation.table import print_report

    # Now rather than after the measurement.
    for path in (output / SCORES_FILE if output else None, json_path):
        if path is not None:
            check_writable(path)
    with stderr_of_libraries_closed():
        datasets = [Dataset.open(path) if path else None for path in (presence, held_out)]
        findings = Findings.measure(model, folder, end_to_end, *datasets)
    print_report(findings, out)
    if json_path is not None:
        findings.write_json(json_path)
    for path in write_evaluation(findings, output) if output else []:
        out.print(str(path), style="green")
