"""`face520-convert`: trained models to verified .tflite files."""

from __future__ import annotations

import typer

from conversion.commands.export import export
from conversion.commands.heads import heads
from conversion.commands.inspect import inspect
from conversion.commands.keep import keep
from conversion.commands.qat import qat
from edge_runtime.console import run_app

HELP = """
Convert trained face520 models to TensorFlow Lite, and look into the files.

\b
Examples:
  face520-convert export training/released/main --dataset DATASET --all
  face520-convert export RUN --variant float16 --output models
  face520-convert export training/released/main --variant int8
  face520-convert qat RUN --dataset DATASET --run QAT_RUN
  face520-convert export RUN --dataset DATASET --qat QAT_RUN
  face520-convert inspect face520_main_int8.tflite

Every file carries its contract (crop rule, input scale, output affine, training data, scores) as
TFLite metadata, and is compared with Keras on real crops before it is written.

\b
Exit codes: 0 done; 1 a variant failed its verification and was not written, the report says why;
2 the message says which file, what is wrong and what to do.
"""

app = typer.Typer(add_completion=False, rich_markup_mode=None, help=HELP, no_args_is_help=True)

for command in (qat, keep, export, heads, inspect):
    app.command()(command)


def main() -> None:
    """Entry point of `face520-convert`."""
    run_app(app, "face520-convert")
