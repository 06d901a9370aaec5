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
from benchmarks.model_file import ModelFile, released_models
from benchmarks.report.number_format import megabytes, three_digits
from benchmarks.report.record import Report, now_utc

HELP = """
Score models through the runtime: NME on a folder in AFLW2000-3D's format.

Crops come from the true boxes (the published protocol) and, separately, from the own detector,
whose misses are counted. Without MODEL all released models are scored; any other must have been
written by face520-convert. Needs the extra face520[train].

\b
Examples:
  face520-bench accuracy AFLW2000/
  face520-bench accuracy AFLW2000/ main_int8 mine.tflite --html scatter.html

\b
Exit codes:
  0  scored
  2  nothing scored: no such folder or model, or the evaluator is not installed
"""


def run(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="imageN.jpg with imageN.mat.")],
    models: Annotated[list[str] | None, typer.Argument(metavar="MODEL...")] = None,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
) -> None:
    start = perf_counter()
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
    Outputs(json, html, markdown).write(report)
