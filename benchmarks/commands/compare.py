"""`face520-bench compare`"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from benchmarks.commands.console import (
    LIMIT_PASSED,
    Cores,
    Html,
    InstructionSet,
    Json,
    Markdown,
    Outputs,
    Runtime,
    Shape,
    counts,
    input_shape,
    print_step,
    print_table,
    table,
)
from benchmarks.device import this_device
from benchmarks.errors import BenchmarkError
from benchmarks.model_file import MEDIAPIPE, ModelFile
from benchmarks.report.number_format import three_digits
from benchmarks.report.record import Report, now_utc
from benchmarks.timing.comparison import Contender, compare
from benchmarks.timing.engine import EngineOptions
from benchmarks.timing.paired_ratio import PairedRatio
from benchmarks.timing.tracked_frames import TrackedFrames, measure_tracked_frames
from edge_runtime.console import complain, out
from edge_runtime.files.input_files import input_files
from edge_runtime.photos import DEMO_PHOTO

HELP = """
Compare two models, runtimes or thread counts, in turns: time of A over time of B.

A, B and a second copy of A run in short blocks, in an order that turns round every time. The ratio
is the median over the rounds, with its 95 percent interval; that of A to its own copy tells what
this machine cannot distinguish. "mediapipe" is face_landmark.tflite of the installed wheel.

--instruction-set avx2 times the kernels that a processor without AVX-512 and 8-bit dot product
would run, on this one: the same caches and clock, other instructions. It needs gcc and an x86-64
Linux.

--pipeline: whole tracked frames with one face, of face520 with the models A and B and of
MediaPipe's face mesh without and with attention, frame by frame in one process, in CPU time and
wall time. The film is made of --photos. Of the other options --threads, --threads-b, --seconds,
--cores, --at-most (of A's CPU time over the plain mesh's) and the files count then.

\b
Examples:
  face520-bench compare main_int8 mediapipe
  face520-bench compare main_int8 mediapipe --at-most 0.42
  face520-bench compare mine.tflite theirs.tflite --seconds 30
  face520-bench compare main_int8 main_int8 --threads-b 2
  face520-bench compare main_int8 main_float16 --instruction-set avx2
  face520-bench compare main_int8 main_int8 --runtime-b tensorflow --processes
  face520-bench compare --pipeline --photos faces/ --seconds 60

\b
Exit codes:
  0  compared, and the ratio is at most --at-most
  1  the ratio is above --at-most
  2  nothing compared: no such model, no interpreter, or bad options
"""


def run(
    a: Annotated[str, typer.Argument(metavar="A", help="Model A.")] = "main_int8",
    b: Annotated[
        str, typer.Argument(metavar="B", help="Model B: mediapipe, or small_int8 with --pipeline.")
    ] = "",
    pipeline: Annotated[
        bool, typer.Option("--pipeline", help="Whole tracked frames, not networks alone.")
    ] = False,
    photos: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Photos with one face each, not the bundled one."),
    ] = None,
    runtime: Runtime = "",
    runtime_b: Annotated[str, typer.Option(metavar="NAME", help="Of B, if not A's.")] = "",
    threads: Annotated[int, typer.Option(min=1, metavar="N", help="Threads of A.")] = 1,
    threads_b: Annotated[
        int, typer.Option(min=0, metavar="N", show_default=False, help="Of B, if not A's.")
    ] = 0,
    xnnpack: Annotated[bool, typer.Option(help="XNNPACK in A.")] = True,
    xnnpack_b: Annotated[bool, typer.Option(help="XNNPACK in B.")] = True,
    shape: Shape = "",
    shape_b: Annotated[str, typer.Option(metavar="NxN", help="The same of B.")] = "",
    instruction_set: InstructionSet = "",
    seconds: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="For at least this long.")
    ] = 10.0,
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
    start, device = perf_counter(), this_device(instruction_set=instruction_set)
    outputs, on_cores = Outputs(json, html, markdown), counts(cores, "--cores")
    if pipeline:
        if (
            processes
            or any((runtime, runtime_b, shape, shape_b, instruction_set))
            or not (xnnpack and xnnpack_b)
        ):
            raise typer.BadParameter(
                "--pipeline takes none of --runtime, --shape, --instruction-set, --processes, "
                "--no-xnnpack, and none of the same for B."
            )
        models = (
            (ModelFile.find(a), threads),
            (ModelFile.find(b or "small_int8"), threads_b or threads),
        )
        frames = _compare_frames(models, photos, seconds, on_cores)
        report = Report(device, now_utc(), perf_counter() - start, tracked_frames=frames)
        _finish(report, frames.rows[0].cpu_of_mediapipe, at_most, outputs)
        return
    first = Contender(
        ModelFile.find(a),
        EngineOptions(runtime, threads, xnnpack, input_shape(shape, "--shape"), instruction_set),
    )
    second = Contender(
        ModelFile.find(b or MEDIAPIPE),
        EngineOptions(
            runtime_b or runtime,
            threads_b or threads,
            xnnpack_b,
            input_shape(shape_b, "--shape-b"),
            instruction_set,
        ),
    )
    print_step(f"{first} against {second}")
    found = compare(first, second, seconds, not processes, on_cores)
    out.print(
        f"{found.a}: {three_digits(found.a_ms)} ms\n{found.b}: {three_digits(found.b_ms)} ms\n"
        f"A / B      {found.ratio}, {found.ratio.rounds} rounds\nA / itself {found.noise}",
    )
    report = Report(device, now_utc(), perf_counter() - start, comparisons=(found,))
    _finish(report, found.ratio, at_most, outputs)


def _compare_frames(
    models: Sequence[tuple[ModelFile, int]],
    folder: Path | None,
    seconds: float,
    cores: tuple[int, ...],
) -> TrackedFrames:
    """Measure and print whole frames. Raises BenchmarkError for a folder without photos."""
    photos = [DEMO_PHOTO] if folder is None else input_files([folder]).images
    if not photos:
        raise BenchmarkError(f"{folder}: no photo in it. Give a folder of photos with one face.")
    print_step(f"whole frames of {', '.join(model.name for model, _ in models)} and {MEDIAPIPE}")
    found = measure_tracked_frames(models, photos, seconds, cores)
    shown = table("ms a frame, [95 %]", "CPU", "p90", "wall", "p90", "CPU / MediaPipe's")
    for row in found.rows:
        figures = (
            f"{row.cpu}",
            f"{row.cpu.p90_ms:.2f}",
            f"{row.wall.median_ms:.2f}",
            f"{row.wall.p90_ms:.2f}",
        )
        shown.add_row(row.pipeline, *figures, str(row.cpu_of_mediapipe))
    print_table(shown)
    out.print(f"{found}.", *(f"{row.pipeline}: {row.gives}." for row in found.rows), sep="\n")
    return found


def _finish(report: Report, ratio: PairedRatio, at_most: float | None, outputs: Outputs) -> None:
    """Write the files, and exit 1 where the ratio is above the limit."""
    if not report.device.is_quiet:
        complain("The machine was not quiet when this began: not figures to publish.")
    outputs.write(report)
    if at_most is not None and ratio.ratio > at_most:
        complain(f"The ratio {ratio.ratio:.3f} is above {at_most:g}.")
        raise typer.Exit(LIMIT_PASSED)
