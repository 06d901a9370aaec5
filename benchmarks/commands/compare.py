"""`face520-bench compare`"""

from __future__ import annotations

from time import perf_counter
from typing import Annotated

import typer

from benchmarks.commands.console import (
    LIMIT_PASSED,
    Cores,
    Html,
    Json,
    Markdown,
    Outputs,
    Runtime,
    Shape,
    counts,
    input_shape,
    print_step,
)
from benchmarks.device import this_device
from benchmarks.model_file import ModelFile
from benchmarks.report.number_format import three_digits
from benchmarks.report.record import Report, now_utc
from benchmarks.timing.comparison import Contender, compare
from benchmarks.timing.engine import EngineOptions
from edge_runtime.console import complain, out

HELP = """
Compare two models, runtimes or thread counts, in turns: time of A over time of B.

A, B and a second copy of A run in short blocks, in an order that turns round every time. The ratio
is the median over the rounds, with its 95 percent interval; that of A to its own copy tells what
this machine cannot distinguish. "mediapipe" is face_landmark.tflite of the installed wheel.

\b
Examples:
  face520-bench compare main_int8 mediapipe
  face520-bench compare main_int8 mediapipe --at-most 0.42
  face520-bench compare mine.tflite theirs.tflite --seconds 30
  face520-bench compare main_int8 main_int8 --threads-b 2
  face520-bench compare main_int8 main_int8 --runtime-b tensorflow --processes

\b
Exit codes:
  0  compared, and the ratio is at most --at-most
  1  the ratio is above --at-most
  2  nothing compared: no such model, no interpreter, or bad options
"""


def run(
    a: Annotated[str, typer.Argument(metavar="A", help="Model A.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Model B.")] = "mediapipe",
    runtime: Runtime = "",
    runtime_b: Annotated[str, typer.Option(metavar="NAME", help="Of B, if not A's.")] = "",
    threads: Annotated[int, typer.Option(min=1, help="Threads of A.")] = 1,
    threads_b: Annotated[int, typer.Option(min=0, help="Of B, if not A's.")] = 0,
    xnnpack: Annotated[bool, typer.Option(help="XNNPACK in A.")] = True,
    xnnpack_b: Annotated[bool, typer.Option(help="XNNPACK in B.")] = True,
    shape: Shape = "",
    shape_b: Annotated[str, typer.Option(metavar="NxN", help="The same of B.")] = "",
    seconds: Annotated[float, typer.Option(min=0, help="For at least this long.")] = 10.0,
    processes: Annotated[
        bool, typer.Option("--processes", help="Processes that take turns, not one for all.")
    ] = False,
    cores: Cores = "",
    at_most: Annotated[
        float | None, typer.Option(metavar="RATIO", help="Exit 1 if the ratio is above.")
    ] = None,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
) -> None:
    start = perf_counter()
    first = Contender(
        ModelFile.find(a),
        EngineOptions(runtime, threads, xnnpack, input_shape(shape, "--shape")),
    )
    second = Contender(
        ModelFile.find(b),
        EngineOptions(
            runtime_b or runtime, threads_b or threads, xnnpack_b, input_shape(shape_b, "--shape-b")
        ),
    )
    device = this_device()
    print_step(f"{first} against {second}")
    found = compare(first, second, seconds, not processes, counts(cores, "--cores"))
    out.print(
        f"{found.a}: {three_digits(found.a_ms)} ms\n{found.b}: {three_digits(found.b_ms)} ms\n"
        f"A / B      {found.ratio}, {found.ratio.rounds} rounds\nA / itself {found.noise}",
    )
    if not device.is_quiet:
        complain("The machine was not quiet when this began: not figures to publish.")
    report = Report(device, now_utc(), perf_counter() - start, comparisons=(found,))
    Outputs(json, html, markdown).write(report)
    if at_most is not None and found.ratio.ratio > at_most:
        complain(f"The ratio {found.ratio.ratio:.3f} is above {at_most:g}.")
        raise typer.Exit(LIMIT_PASSED)
