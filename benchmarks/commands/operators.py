"""`face520-bench operators`"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from benchmarks.commands.console import Html, Json, Markdown, Outputs, print_table, table
from benchmarks.device import this_device
from benchmarks.model_file import ModelFile
from benchmarks.operators.benchmark_model_output import parse_benchmark_model
from benchmarks.operators.operators import OperatorTable, read_operators
from benchmarks.operators.roofline import SHARE_OF_PEAK, bounds
from benchmarks.report.number_format import millions, three_digits
from benchmarks.report.record import Report, now_utc
from benchmarks.tool import run_tool
from edge_runtime.console import out

HELP = """
List a model's operators, and how fast some cores could run them at the very best.

The times are arithmetic from data sheets, not measurements: no program can be faster on one core
than the lower bound. The estimate divides it by the share of peak that XNNPACK's authors reached.
Time per operator needs TFLite's own benchmark_model, built for this machine.

\b
Examples:
  face520-bench operators main_int8
  face520-bench operators main_int8 mediapipe --html operators.html
  face520-bench operators main_int8 --benchmark-model ./benchmark_model

\b
Exit codes:
  0  listed
  2  nothing listed: no such model, or benchmark_model fails
"""

RUN_SECONDS = 300


def run(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...")],
    benchmark_model: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TFLite's benchmark_model.")
    ] = None,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
) -> None:
    start = perf_counter()
    files = [ModelFile.find(name) for name in models]
    tables = [read_operators(file) for file in files]
    if benchmark_model:
        tables = [_timed(one, file, benchmark_model) for one, file in zip(tables, files)]
    for one in tables:
        _print(one)
    report = Report(
        this_device(),
        now_utc(),
        perf_counter() - start,
        operators=tuple(tables),
        bounds=tuple(bound for one in tables for bound in bounds(one)),
    )
    Outputs(json, html, markdown).write(report)


def _timed(one: OperatorTable, file: ModelFile, benchmark_model: Path) -> OperatorTable:
    flags = ["--num_threads=1", "--use_xnnpack=true", "--enable_op_profiling=true"]
    # A bare name would be looked for in PATH.
    command = [str(benchmark_model.absolute()), f"--graph={file.path}", *flags]
    done = run_tool(command, RUN_SECONDS)
    return replace(one, node_times=parse_benchmark_model(done.stdout + done.stderr).node_times)


def _print(one: OperatorTable) -> None:
    shown = table(one.model, "output", "dtype", "MAC", "parameters", "bytes moved")
    for op in one.operators:
        shown.add_row(
            op.type,
            "x".join(map(str, op.output_shape)),
            op.dtype,
            str(op.macs),
            str(op.parameters),
            str(op.parameter_bytes + op.activation_bytes),
        )
    print_table(shown)
    out.print(f"{len(one.operators)} operators, {millions(one.macs)} MAC, "
              f"{millions(one.parameters)} parameters")  # fmt: skip
    for node in one.node_times:
        out.print(f"  {100 * node.share:5.1f} %  {node.count:3d} x {node.type}")
    out.print("Not measured, arithmetic from data sheets (one core, one inference):")
    for bound in bounds(one):
        out.print(
            f"  {bound.core} ({bound.board}): at least {three_digits(bound.lower_bound_ms)} ms; "
            f"estimate at {SHARE_OF_PEAK:.0%} of peak {three_digits(bound.estimate_ms)} ms"
        )
