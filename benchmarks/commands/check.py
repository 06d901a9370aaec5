"""`face520-bench check`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.commands.console import LIMIT_PASSED, print_step, print_table, table
from benchmarks.full_measurement import Plan, measure_all
from benchmarks.report.number_format import three_digits
from benchmarks.report.record import Report
from benchmarks.report.regression import changes
from edge_runtime.console import complain

HELP = """
Compare with an earlier report and fail when something got slower.

Medians are compared on the same processor; ratios to a rival on any. Without --against, the
models of the baseline are measured now.

\b
Examples:
  face520-bench report --json baseline.json
  face520-bench check baseline.json
  face520-bench check baseline.json --limit 1.05 --against today.json

\b
Exit codes:
  0  nothing is slower than the limit allows
  1  something is
  2  nothing compared: unreadable report, or nothing in common
"""


def run(
    baseline: Annotated[Path, typer.Argument(metavar="BASELINE", help="A report's JSON.")],
    limit: Annotated[
        float,
        typer.Option(
            min=1, metavar="RATIO", help="Time now over time then, from which on it is slower."
        ),
    ] = 1.1,
    against: Annotated[
        Path | None, typer.Option(metavar="JSON", help="A report instead of measuring now.")
    ] = None,
    any_device: Annotated[
        bool, typer.Option("--any-device", help="Compare medians of different processors too.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of the samples.")] = False,
) -> None:
    before = Report.read(baseline)
    now = Report.read(against) if against else measure_all(_same_plan(before, quick), print_step)
    found = changes(before, now, limit, any_device)
    shown = table("figure", "then", "now", "now / then", "")
    for change in found:
        shown.add_row(
            change.name,
            three_digits(change.before),
            three_digits(change.now),
            f"{change.ratio:.3f}",
            "slower" if change.is_regression else "",
        )
    print_table(shown)
    slower = sum(change.is_regression for change in found)
    if slower:
        complain(f"{slower} of {len(found)} figures are past {limit:g} x the baseline.")
        raise typer.Exit(LIMIT_PASSED)


def _same_plan(before: Report, quick: bool) -> Plan:
    threads = sorted({run.threads for run in before.latency}) or [1]
    return Plan(threads=tuple(threads), sustain_seconds=0, quick=quick)
