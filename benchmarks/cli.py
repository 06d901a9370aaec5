"""`face520-bench`: how fast, how exact, how hot, and against whom."""

from __future__ import annotations

import typer

from benchmarks.commands import (
    accuracy,
    arm,
    check,
    compare,
    instructions,
    latency,
    operators,
    report,
)
from edge_runtime.console import run_app

HELP = """
Measure .tflite models: how fast, how exact, how hot, and against whom.

MODEL is the path of any .tflite file, the name of a released model (main_int8, main_float16), or
"mediapipe" for the face_landmark.tflite of the installed mediapipe wheel.

Figures to publish come from a quiet machine; every report says how busy it was.

\b
Examples:
  face520-bench report --html report.html --json report.json
  face520-bench latency main_int8 --threads 1,2,4
  face520-bench compare main_int8 mediapipe --at-most 0.42
  face520-bench accuracy AFLW2000/
  face520-bench operators main_int8
  face520-bench check baseline.json
  face520-bench instructions
  face520-bench arm main_int8 mediapipe

\b
Exit codes:
  0  measured, and within every limit that was given
  1  measured, and past a limit (compare --at-most, check, instructions, arm)
  2  nothing measured; the message says what to do
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(report.app, name="report", short_help="Everything in one HTML, JSON and Markdown.")
for module, name, summary in (
    (latency, "latency", "Time models: percentiles, load time, memory."),
    (compare, "compare", "Two models in turns, as a ratio with its interval."),
    (accuracy, "accuracy", "Score models through the runtime."),
    (operators, "operators", "MAC, parameters, bytes and costs per operator."),
    (check, "check", "Fail when something is slower than an earlier report."),
    (instructions, "instructions", "Count instructions under valgrind."),
    (arm, "arm", "Count instructions on emulated ARM cores."),
):
    app.command(name, help=module.HELP, short_help=summary)(module.run)


def main() -> None:
    """Entry point of `face520-bench`."""
    run_app(app, "face520-bench")
