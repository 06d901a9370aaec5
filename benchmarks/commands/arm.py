"""`face520-bench arm`"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.arm_cores import ArmCore
from benchmarks.commands.console import (
    LIMIT_PASSED,
    ArmCores,
    ArmMachine,
    Baseline,
    Json,
    Shape,
    arm_cores,
    input_shape,
    print_step,
    print_table,
    table,
)
from benchmarks.machine_code.analyser import Analyser
from benchmarks.machine_code.arm_code import BlockCounts
from benchmarks.machine_code.arm_time import ESTIMATE_LABEL, LEFT_OUT
from benchmarks.model_file import MEDIAPIPE, ModelFile, mediapipe_is_installed, released_models
from benchmarks.operators.arm_count import (
    ArmCount,
    ArmRecord,
    baseline_key,
    count_on_cores,
    past_tolerance,
)
from benchmarks.operators.arm_emulation import DEFAULT_FOLDER, ArmEmulation
from benchmarks.operators.instruction_count import (
    BASELINE_PATH,
    TOLERANCE,
    read_baseline,
    write_baseline,
)
from benchmarks.operators.stated_shape import stated_shape
from benchmarks.report.number_format import megabytes, millions, three_digits
from edge_runtime.atomic_file import check_writable
from edge_runtime.console import complain, out

HELP = """
Count the instructions of one inference on ARM cores, under emulation.

LiteRT runs in one thread under qemu-user, on cores without an 8-bit dot product (cortex-a53,
cortex-a72) and with it (cortex-a55, cortex-a76). The counts are not measured on hardware and are
no times: an instruction of one model may take longer than one of another. "by" names the vector
instruction that multiplies most often, and so the kernels that ran. The ratio is to MediaPipe's
landmark network, where it is among the models. Without MODEL all released models and MediaPipe's
are counted, some 10 s each on each core where nothing else runs.

From the counts follow times on boards with these cores. "at least" is how long the busiest part of
the core needs for them: no program of these instructions is faster. The estimate is that of LLVM's
machine-code analyser, which knows the instructions' order and how long each takes. Both leave out
caches and memory, and neither was measured on hardware. `report merge --arm` puts them beside what
a real device took; `operators --arm` tells what each layer costs.

\b
Needs the ARM machine of the tests, once:  bash tests/arm/prepare.sh
Examples:
  face520-bench arm
  face520-bench arm --update                 after a new release of the models
  face520-bench arm main_int8 mediapipe mine.tflite --core cortex-a72
  face520-bench arm open_shape.tflite mediapipe --shape 1x224x224x3
  face520-bench arm --json arm.json          for report merge --arm arm.json

\b
Exit codes:
  0  counted; what has a baseline is within 2 percent of it, or the baseline was written
  1  a count is further from its baseline
  2  nothing counted: no such model or core, no ARM machine, or a model does not run in it
"""


def run(
    models: Annotated[list[str] | None, typer.Argument(metavar="MODEL...")] = None,
    core: ArmCores = None,
    machine: ArmMachine = DEFAULT_FOLDER,
    shape: Shape = "",
    update: Annotated[
        bool, typer.Option("--update", help="Write the baseline of the released models.")
    ] = False,
    baseline: Baseline = BASELINE_PATH,
    json: Json = None,
) -> None:
    named = [ModelFile.find(name) for name in models or []] or _all_models()
    cores = arm_cores(core or [], "--core")
    known = read_baseline(baseline)
    if json:
        check_writable(json)
    analyser = Analyser.find(machine)
    given_shape = input_shape(shape, "--shape")
    with ArmEmulation.start(machine) as emulation, stated_shape(named, given_shape) as files:

        def count(model: Path, on: ArmCore) -> BlockCounts:
            print_step(f"{model.name} on an emulated {on.name}")
            return emulation.count_blocks([model], on)[0]

        counts = count_on_cores(files, cores, count, analyser)
        runtime = emulation.runtime
    print_counts(counts)
    out.print(f"{runtime}, one thread, qemu-user: counted under emulation")
    print_times(counts)
    by = analyser.version if analyser else "without LLVM no estimate: bash tests/arm/prepare.sh"
    out.print(f"{ESTIMATE_LABEL} ({by}). {LEFT_OUT}")
    if json:
        ArmRecord(runtime, by, counts).write(json)
        out.print(f"  {json}", style="green")
    if update:
        _write_baseline(counts, runtime, baseline)
        out.print(f"  {baseline}", style="green")
        return
    changed = past_tolerance(counts, runtime, known)
    for line in changed:
        complain(line)
    if changed:
        complain(f"Past the tolerance of {TOLERANCE:.0%}. If it is meant, run with --update.")
        raise typer.Exit(LIMIT_PASSED)


def print_counts(counts: Sequence[ArmCount]) -> None:
    """One table, in millions of instructions; at most 80 characters wide for released models."""
    shown = table("model", "core", "MAC", "size", "instr.", "per MAC", "by", "ratio", words=2)
    for one in counts:
        shown.add_row(
            one.model,
            one.core,
            millions(one.macs),
            megabytes(one.size_bytes),
            millions(one.instructions.executed),
            three_digits(one.instructions_per_mac),
            one.instructions.multiplies_by,
            three_digits(one.to_mediapipe),
        )
    print_table(shown)


def print_times(counts: Sequence[ArmCount]) -> None:
    """A row for each board that has one of the cores; at most 80 characters wide."""
    shown = table("model", "core", "board", "GHz", "at least ms", "estimate ms", words=3)
    for one in counts:
        for time in one.times:
            shown.add_row(
                one.model,
                one.core,
                time.board,
                str(time.clock_ghz),
                three_digits(time.bound_ms),
                three_digits(time.estimate_ms),
            )
    print_table(shown)


def _write_baseline(counts: Sequence[ArmCount], runtime: str, path: Path) -> None:
    """Of released models alone; what was not counted this time stays."""
    released = {model.name for model in released_models()}
    for core in dict.fromkeys(one.core for one in counts):
        key = baseline_key(core, runtime)
        counted = {
            one.model: one.instructions.executed
            for one in counts
            if one.core == core and one.model in released
        }
        write_baseline({**read_baseline(path).get(key, {}), **counted}, path, key)


def _all_models() -> list[ModelFile]:
    reference = [ModelFile.find(MEDIAPIPE)] if mediapipe_is_installed() else []
    return released_models() + reference
