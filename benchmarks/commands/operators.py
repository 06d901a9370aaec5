"""`face520-bench operators`"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from benchmarks.arm_cores import ArmCore
from benchmarks.commands.console import (
    ArmCores,
    ArmMachine,
    Html,
    InstructionSet,
    Json,
    Markdown,
    Outputs,
    Shape,
    arm_cores,
    input_shape,
    print_step,
    print_table,
    table,
)
from benchmarks.device import this_device
from benchmarks.errors import BenchmarkError
from benchmarks.machine_code.analyser import Analyser
from benchmarks.machine_code.arm_time import ESTIMATE_LABEL, LEFT_OUT
from benchmarks.model_file import ModelFile
from benchmarks.operators.arm_emulation import DEFAULT_FOLDER, ArmEmulation
from benchmarks.operators.benchmark_model_output import parse_benchmark_model
from benchmarks.operators.native_code import ESTIMATED, NativeCode, estimate_here
from benchmarks.operators.operator_counts import count_operators
from benchmarks.operators.operator_times import MICROSECONDS, THIS_MACHINE, time_operators
from benchmarks.operators.operators import STAGES, OperatorCosts, OperatorTable, read_operators
from benchmarks.operators.stated_shape import stated_shape
from benchmarks.report.number_format import millions
from benchmarks.report.record import Report, now_utc
from benchmarks.tool import run_tool
from edge_runtime.console import out

HELP = """
List a model's operators: multiply-accumulates (MAC), parameters, bytes moved, and what each costs.

Bytes moved are those of parameters and of activations, each read or written once. Time by types of
operators needs TFLite's own benchmark_model, built for this machine.

--time gives the CPU time of each operator on this machine, run as a model of its own; --arm the
instructions of each on an emulated ARM core (those of `face520-bench arm`), counted on the model
cut after every operator, and the cycles that LLVM's machine-code analyser expects of them: an
estimate, not measured on hardware. What the whole model could take on boards, in ms, is told by
`face520-bench arm`. Each takes about a minute. Padding is a part of what follows it.

--llvm puts the analyser's estimate for this x86 processor beside the times measured on it, for the
operators with enough multiplications: a check of how far its estimates hold. It stops the program
after each instruction, for about a minute.

\b
Examples:
  face520-bench operators main_int8
  face520-bench operators main_int8 mediapipe --html operators.html
  face520-bench operators open_shape.tflite --shape 1x224x224x3
  face520-bench operators main_int8 --time 5
  face520-bench operators main_int8 --time 5 --instruction-set avx2
  face520-bench operators main_int8 --time 5 --llvm
  face520-bench operators main_int8 --arm cortex-a72 --arm cortex-a76
  face520-bench operators main_int8 --benchmark-model ./benchmark_model

\b
Exit codes:
  0  listed
  2  nothing listed: no such model or core, no ARM machine, or benchmark_model fails
"""

RUN_SECONDS = 300


def run(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...")],
    benchmark_model: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="TFLite's benchmark_model."),
    ] = None,
    time: Annotated[
        float,
        typer.Option(
            min=0, metavar="SECONDS", help="Time the operators for this long; 0 for not at all."
        ),
    ] = 0.0,
    instruction_set: InstructionSet = "",
    shape: Shape = "",
    llvm: Annotated[
        bool, typer.Option("--llvm", help="With --time: LLVM's estimate beside the times.")
    ] = False,
    arm: ArmCores = None,
    machine: ArmMachine = DEFAULT_FOLDER,
    json: Json = None,
    html: Html = None,
    markdown: Markdown = None,
) -> None:
    start, outputs = perf_counter(), Outputs(json, html, markdown)
    if llvm and not time:
        raise typer.BadParameter("--llvm needs --time SECONDS: it is held against measured times.")
    named, cores = [ModelFile.find(name) for name in models], arm_cores(arm or [], "--arm")
    with stated_shape(named, input_shape(shape, "--shape"), instruction_set) as files:
        tables = [read_operators(file, instruction_set) for file in files]
        if benchmark_model:
            tables = [_timed(one, file, benchmark_model) for one, file in zip(tables, files)]
        if time:
            tables = [
                replace(one, costs=(time_operators(file, time, instruction_set),))
                for one, file in zip(tables, files)
            ]
        if time and llvm:
            tables = [
                _estimated(one, file, machine, instruction_set) for one, file in zip(tables, files)
            ]
        if arm:
            with ArmEmulation.start(machine) as emulation:
                tables = [_counted(one, file, emulation, cores) for one, file in zip(tables, files)]
    for one in tables:
        _print(one)
    report = Report(
        this_device(instruction_set=instruction_set),
        now_utc(),
        perf_counter() - start,
        operators=tuple(tables),
    )
    outputs.write(report)


def _timed(one: OperatorTable, file: ModelFile, benchmark_model: Path) -> OperatorTable:
    flags = ["--num_threads=1", "--use_xnnpack=true", "--enable_op_profiling=true"]
    # A bare name would be looked for in PATH.
    command = [str(benchmark_model.absolute()), f"--graph={file.path}", *flags]
    done = run_tool(command, RUN_SECONDS, called=f"{file.path.name} in benchmark_model")
    return replace(one, node_times=parse_benchmark_model(done.stdout + done.stderr).node_times)


def _counted(
    one: OperatorTable, file: ModelFile, emulation: ArmEmulation, cores: Sequence[ArmCore]
) -> OperatorTable:
    costs = list(one.costs)
    for core in cores:
        print_step(f"{file.name}, operator by operator, on an emulated {core.name}")
        costs += count_operators(file, emulation, core, Analyser.find(emulation.folder))
    return replace(one, costs=tuple(costs))


def _estimated(
    one: OperatorTable, file: ModelFile, machine: Path, instruction_set: str
) -> OperatorTable:
    """Raises BenchmarkError and DeviceError."""
    analyser = Analyser.find(machine)
    if analyser is None:
        raise BenchmarkError(f"{machine}: no LLVM in it. Run: bash tests/arm/prepare.sh")
    print_step(f"{file.name}, operator by operator, one instruction at a time")
    with NativeCode.start() as native:
        estimated = estimate_here(file, native, analyser, instruction_set)
    return replace(one, costs=(*one.costs, estimated))


def _print(one: OperatorTable) -> None:
    if one.costs:
        _print_costs(one)
    else:
        _print_sizes(one)
    out.print(f"{len(one.operators)} operators, {millions(one.macs)} MAC, "
              f"{millions(one.parameters)} parameters")  # fmt: skip
    for node in one.node_times:
        out.print(f"  {100 * node.share:5.1f} %  {node.count:3d} x {node.type}")


def _print_sizes(one: OperatorTable) -> None:
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


def _print_costs(one: OperatorTable) -> None:
    """Each operator by each measure with its share of the whole, then the stages of the network."""
    for costs in one.costs:
        out.print(f"{one.model} on {costs.where}")
        shown = table(
            *("operator", "output", "MAC", costs.unit),
            "G MAC/s" if costs.unit in (MICROSECONDS, ESTIMATED) else "per MAC",
            "share",
            words=2,
        )
        for op, value in zip(one.operators, costs.values, strict=True):
            shape = "x".join(map(str, op.output_shape))
            if value is not None:
                shown.add_row(op.type, shape, *_figures(op.macs, value, costs))
            elif costs.unit != ESTIMATED:
                shown.add_row(op.type, shape, "", "in the next", "", "")
        if costs.unit == ESTIMATED:
            print_table(shown)
            out.print(_check(one.costs[0], costs))
            continue
        for stage in STAGES:
            macs = sum(op.macs for op in one.operators if op.stage == stage)
            if any(op.stage == stage for op in one.operators):
                figures = _figures(macs, one.of_stage(stage, costs), costs)
                shown.add_row(stage, "all", *figures, style="bold")
        print_table(shown)
        out.print(f"{one.model} in one piece: {costs.whole:.0f} {costs.unit}")
    if not all(costs.where.startswith(THIS_MACHINE) for costs in one.costs):
        out.print(f"On ARM cores: counted under emulation; cycles: {ESTIMATE_LABEL}. {LEFT_OUT}")


def _check(measured: OperatorCosts, estimated: OperatorCosts) -> str:
    """How far measured times lie from the estimates."""
    pairs = zip(measured.values, estimated.values)
    ratios = sorted(taken / guess for taken, guess in pairs if taken and guess)
    return (
        f"measured / estimate of {len(ratios)} operators: "
        f"{ratios[0]:.2f} to {ratios[-1]:.2f}, median {ratios[len(ratios) // 2]:.2f}"
        if ratios
        else "no operator is large enough for an estimate"
    )


def _figures(macs: int, value: float, costs: OperatorCosts) -> tuple[str, str, str, str]:
    share = f"{100 * value / costs.whole:.1f} %"
    if costs.unit in (MICROSECONDS, ESTIMATED):
        return str(macs), f"{value:.1f}", f"{macs / value / 1e3:.1f}" if macs else "", share
    return str(macs), f"{value:.0f}", f"{value / macs:.3f}" if macs else "", share
