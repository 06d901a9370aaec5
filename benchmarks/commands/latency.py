"""`face520-bench latency`"""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Annotated

import typer

from benchmarks.commands.console import (
    Cores,
    Html,
    InstructionSet,
    Json,
    Markdown,
    Outputs,
    Runtime,
    Shape,
    Threads,
    counts,
    duration_seconds,
    input_shape,
    print_step,
    print_table,
    table,
    thread_counts,
)
from benchmarks.device import this_device
from benchmarks.model_file import ModelFile
from benchmarks.report.number_format import three_digits
from benchmarks.report.record import Report, now_utc
from benchmarks.timing.engine import EngineOptions
from benchmarks.timing.latency import LatencyRun, Sampling, measure_latency
from benchmarks.timing.sustained import SustainedRun, measure_sustained
from edge_runtime.console import complain, out
from edge_runtime.network.runtimes import installed_runtimes

HELP = """
Time models: percentiles of one inference, load time, memory.

MODEL is a .tflite file, a released model (main_int8) or mediapipe. Inputs are made up from the
types in the file. Warm-up lasts until three windows of 50 ms agree within 2 percent.

\b
Examples:
  face520-bench latency main_int8
  face520-bench latency main_int8 mediapipe --threads 1,2,4
  face520-bench latency any_model.tflite --no-xnnpack --count 1000
  face520-bench latency open_shape.tflite --shape 1x224x224x3
  face520-bench latency main_int8 --all-runtimes
  face520-bench latency main_int8 main_float16 --instruction-set avx2
  face520-bench latency main_int8 --cores 3 --sustain 10m --html heat.html

\b
Exit codes:
  0  measured
  2  nothing measured: no such model, no interpreter, or bad options
"""


def run(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...")],
    runtime: Runtime = "",
    all_runtimes: Annotated[
        bool, typer.Option("--all-runtimes", help="Every installed interpreter.")
    ] = False,
    threads: Threads = "1",
    xnnpack: Annotated[bool, typer.Option(help="Use XNNPACK.")] = True,
    cores: Cores = "",
    count: Annotated[
        int, typer.Option(min=1, metavar="N", help="At least this many samples.")
    ] = 100,
    seconds: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="For at least this long.")
    ] = 3.0,
    cold: Annotated[bool, typer.Option(help="Load time and memory, in fresh processes.")] = True,
    shape: Shape = "",
    instruction_set: InstructionSet = "",
    sustain: Annotated[
        str, typer.Option(metavar="TIME", help="Then run the first model this long: 10m.")
    ] = "0",
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
) -> None:
    start, outputs = perf_counter(), Outputs(json, html, markdown)
    pinned_to = counts(cores, "--cores")
    wanted_threads = thread_counts(threads, "--threads")
    given_shape = input_shape(shape, "--shape")
    sustain_seconds = duration_seconds(sustain, "--sustain")
    files = [ModelFile.find(name) for name in models]
    runtimes = installed_runtimes() if all_runtimes else [runtime or installed_runtimes()[0]]
    device = this_device(instruction_set=instruction_set)
    sampling = Sampling(count, seconds, cold_processes=3 if cold else 0)
    rows = []
    for file in files:
        for name in runtimes:
            for thread_count in wanted_threads:
                options = EngineOptions(name, thread_count, xnnpack, given_shape, instruction_set)
                print_step(f"{file.name} ({options})")
                rows.append(measure_latency(file, options, sampling, pinned_to))
    sustained = None
    if sustain_seconds:
        print_step(f"{files[0].name} for {sustain_seconds:.0f} s")
        options = replace(options, runtime=runtimes[0], threads=rows[0].threads)
        sustained = measure_sustained(files[0], options, sustain_seconds, pinned_to)
    _print(rows)
    if sustained:
        _print_sustained(sustained)
    if not device.is_quiet:
        complain("The machine was not quiet when this began: not figures to publish.")
    report = Report(
        device, now_utc(), perf_counter() - start, latency=tuple(rows), sustained=sustained
    )
    outputs.write(report)


def _print(rows: list[LatencyRun]) -> None:
    """Two tables, each of which fits into 80 columns."""
    times = table(
        "model", "runtime", "threads", "median", "p90", "p95", "p99", "ms ± s.e.", words=2
    )
    rest = table(
        "model x threads", "runtime", "min\nms", "noise", "load\nms", "first\nms", "peak\nMB",
        "harness", words=2,
    )  # fmt: skip
    for row in rows:
        of, cold = row.latency, row.cold
        name = row.model + ("" if row.xnnpack else " plain")
        times.add_row(
            name,
            row.runtime,
            str(row.threads),
            *(three_digits(value) for value in (of.median_ms, of.p90_ms, of.p95_ms, of.p99_ms)),
            f"{three_digits(of.mean_ms)} ± {three_digits(of.standard_error_ms)}",
        )
        rest.add_row(
            f"{name} x{row.threads}",
            row.runtime,
            three_digits(of.min_ms),
            f"{row.noise.low95:.3f}-{row.noise.high95:.3f}" if row.noise else "–",
            three_digits(cold.load_ms if cold else None),
            three_digits(cold.first_inference_ms if cold else None),
            three_digits(cold.peak_mb if cold else None),
            f"{row.overhead_percent:.3f} %",
        )
    print_table(times)
    print_table(rest)


def _print_sustained(run: SustainedRun) -> None:
    throttled = (
        "throttling cannot be seen here"
        if run.throttled_seconds is None
        else f"throttled for {run.throttled_seconds:.0f} s"
    )
    out.print(
        f"{run.model}: {run.inferences} inferences in {run.seconds:.0f} s, the last tenth "
        f"{run.slowdown:.2f} x the time of the first; {throttled}."
    )
    for name in run.absent_sensors:
        out.print(f"  absent: {name}", style="dim")
