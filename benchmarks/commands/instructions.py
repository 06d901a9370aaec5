"""`face520-bench instructions`"""

from __future__ import annotations

from typing import Annotated

import typer

from benchmarks.commands.console import LIMIT_PASSED, Baseline, Shape, input_shape, print_step
from benchmarks.model_file import ModelFile, released_models
from benchmarks.operators.instruction_count import (
    BASELINE_PATH,
    TOLERANCE,
    InstructionCount,
    count_instructions,
    platform_key,
    read_baseline,
    write_baseline,
)
from benchmarks.operators.stated_shape import stated_shape
from edge_runtime.console import NOTHING_DONE, complain, out

HELP = """
Count the instructions of one inference under valgrind and compare with the baseline.

The count does not depend on clock, load or heat, so it can guard a release in CI: one thread,
LiteRT with XNNPACK. It depends on the processor family and the LiteRT version, by which baselines
are filed. Without MODEL all released models are counted, some 20 s each.

\b
Examples:
  face520-bench instructions
  face520-bench instructions --update        after a new release of the models
  face520-bench instructions main_int8

\b
Exit codes:
  0  every count is within 2 percent of its baseline, or the baseline was written
  1  one is not
  2  nothing counted, or this platform has no baseline: write one with --update
"""


def run(
    models: Annotated[list[str] | None, typer.Argument(metavar="MODEL...")] = None,
    update: Annotated[bool, typer.Option("--update", help="Write the baseline.")] = False,
    baseline: Baseline = BASELINE_PATH,
    valgrind: Annotated[str, typer.Option(metavar="FILE", help="The program.")] = "valgrind",
    shape: Shape = "",
) -> None:
    named = [ModelFile.find(name) for name in models or []] or released_models()
    known = read_baseline(baseline).get(platform_key(), {})
    counted = []
    with stated_shape(named, input_shape(shape, "--shape")) as files:
        for file in files:
            print_step(f"{file.name} under valgrind")
            count = count_instructions(file, valgrind)
            counted.append(InstructionCount(file.name, count, known.get(file.name)))
    out.print(platform_key())
    for one in counted:
        change = "no baseline" if one.change is None else f"{one.change:+.2%}"
        out.print(f"  {one.model}: {one.instructions / 1e6:.3f} M instructions, {change}")
    if update:
        kept = {} if not models else known
        write_baseline({**kept, **{one.model: one.instructions for one in counted}}, baseline)
        out.print(f"  {baseline}", style="green")
        return
    if any(one.baseline is None for one in counted):
        complain("Not every model has a baseline on this platform. Write one with --update.")
        raise typer.Exit(NOTHING_DONE)
    if not all(one.is_within for one in counted):
        complain(f"Past the tolerance of {TOLERANCE:.0%}. If it is meant, run with --update.")
        raise typer.Exit(LIMIT_PASSED)
