"""`face520-bench accuracy`"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from benchmarks.accuracy import measure_accuracy
from benchmarks.commands.console import (
    Html,
    Json,
    Markdown,
    Outputs,
    print_step,
    print_table,
    table,
)
from benchmarks.device import this_device
from benchmarks.face_accuracy import FaceAccuracy, has_living_faces, measure_face_accuracy
from benchmarks.model_file import ModelFile, released_models
from benchmarks.report.number_format import megabytes, three_digits
from benchmarks.report.record import Report, now_utc

HELP = """
Score models through the runtime: NME on a folder in AFLW2000-3D's format.

Crops come from the true boxes (the published protocol) and, separately, from the own detector,
whose misses are counted. Without MODEL all released models are scored; any other must have been
written by face520-convert. Needs the extra face520[train].

A dataset of face520-train, or a folder in 300W's format, gives openness of eyes and mouth against
people's, and there mediapipe and mediapipe-attention are models too; face520-train evaluate tells
what the figures mean, and more of them.

\b
Examples:
  face520-bench accuracy AFLW2000/
  face520-bench accuracy AFLW2000/ main_int8 mine.tflite --html scatter.html
  face520-bench accuracy DATASET main_int8 mediapipe-attention

\b
Exit codes:
  0  scored
  2  nothing scored: no such folder or model, or the evaluator is not installed
"""


def run(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", exists=True, file_okay=False, help="Annotated faces, or a dataset."
        ),
    ],
    models: Annotated[list[str] | None, typer.Argument(metavar="MODEL...")] = None,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
) -> None:
    start, outputs = perf_counter(), Outputs(json, html, markdown)
    if has_living_faces(folder):
        names = models or [file.name for file in released_models()]
        print_step(f"{', '.join(names)} on {folder}")
        faces = measure_face_accuracy(names, folder)
        _print_faces(faces)
        report = Report(this_device(), now_utc(), perf_counter() - start, face_accuracy=faces)
        outputs.write(report)
        return
    files = [ModelFile.find(name) for name in models or []] or released_models()
    device = this_device()
    print_step(f"{', '.join(file.name for file in files)} on {folder}")
    scores = measure_accuracy(files, folder)
    shown = table("model", "faces", "NME %", "0-30", "30-60", "60-90", "own\ndetector %",
                  "missed", "file", "ms")  # fmt: skip
    for score in scores:
        shown.add_row(
            score.model,
            str(score.faces),
            f"{score.nme_percent:.2f}",
            *(three_digits(one.nme_percent) for one in score.bins),
            three_digits(score.found_nme_percent),
            str(score.missed),
            megabytes(score.model_bytes),
            three_digits(score.median_ms),
        )
    print_table(shown)
    report = Report(device, now_utc(), perf_counter() - start, accuracy=scores)
    outputs.write(report)


def _print_faces(scores: tuple[FaceAccuracy, ...]) -> None:
    shown = table("model", "squares", "NME %", "eyes", "slope", "mouth", "slope", "closed\nAUC",
                  "covered\nAUC", "hidden\nAUC", "missed")  # fmt: skip
    for score in scores:
        openness = (score.eyes_correlation, score.eyes_slope, score.mouth_correlation,
                    score.mouth_slope)  # fmt: skip
        areas = (score.closed_eyes_auc, score.covered_auc, score.hidden_auc)
        cells = ["–" if one is None else f"{one:.2f}" for one in openness]
        cells += ["–" if one is None else f"{one:.3f}" for one in areas]
        shown.add_row(
            score.model, score.squares, f"{score.nme_percent:.2f}", *cells, str(score.missed)
        )
    print_table(shown)
