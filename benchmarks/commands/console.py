"""What the commands share: where they print, how they stop, how they write a report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, JustifyMethod
from rich.table import Table

from benchmarks.arm_cores import ARM_CORES, ArmCore
from benchmarks.report.markdown import to_markdown
from benchmarks.report.page import to_html
from benchmarks.report.record import Report
from benchmarks.timing.instruction_set import INSTRUCTION_SETS
from edge_runtime.atomic_file import check_writable, write_whole
from edge_runtime.console import err, out

LIMIT_PASSED = 1
UNBOUNDED = 10_000  # characters; no table is wider

Json = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the record as JSON.")
]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a self-contained HTML page.")
]
Markdown = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write Markdown tables.")
]
Threads = Annotated[
    str, typer.Option(metavar="N,N", help="Thread counts, separated by commas: 1,2,4.")
]
Cores = Annotated[
    str, typer.Option(metavar="N,N", help="Pin the process to these cores; any core if empty.")
]
Runtime = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="ai-edge-litert, tflite-runtime or tensorflow; the first installed if not given.",
    ),
]
Shape = Annotated[
    str,
    typer.Option(metavar="NxN", help="Of an input that leaves its shape open: 1x224x224x3."),
]
InstructionSet = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Hide from the interpreter what this x86 processor has beyond: "
        f"{', '.join(INSTRUCTION_SETS)}.",
    ),
]
ArmCores = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="An emulated core; again for more.")
]
ArmMachine = Annotated[Path, typer.Option(metavar="FOLDER", help="Made by tests/arm/prepare.sh.")]

Baseline = Annotated[
    Path,
    typer.Option(
        metavar="FILE", show_default=False, help="Counts to compare with, not those of the package."
    ),
]


@dataclass(frozen=True)
class Outputs:
    """Which files a report goes to. Raises OutputWriteError where one could not be written."""

    json: Path | None = None
    html: Path | None = None
    markdown: Path | None = None

    def __post_init__(self) -> None:
        for path in self.paths:
            check_writable(path)

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(filter(None, (self.json, self.html, self.markdown)))

    def write(self, report: Report) -> None:
        """Write each file whole and name it. Raises OutputWriteError."""
        if self.json:
            report.write_json(self.json)
        if self.html:
            write_whole(self.html, to_html(report).encode())
        if self.markdown:
            write_whole(self.markdown, to_markdown(report).encode())
        for path in self.paths:
            out.print(f"  {path}", style="green")


def print_step(line: str) -> None:
    """Print on stderr what is being done, so that stdout stays a result."""
    err.print(line, style="dim")


def counts(text: str, name: str) -> tuple[int, ...]:
    """Parse "1,2,4". Raises typer.BadParameter."""
    try:
        found = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is not a list such as 1,2,4", param_hint=name
        ) from error
    if any(value < 0 for value in found):
        raise typer.BadParameter(f"{text!r} holds a negative number", param_hint=name)
    return found


def thread_counts(text: str, name: str) -> tuple[int, ...]:
    """Parse "1,2,4" with one count at least. Raises typer.BadParameter."""
    found = counts(text, name)
    if not found or 0 in found:
        raise typer.BadParameter(f"{text!r}: give at least one, from 1 on", param_hint=name)
    return found


def input_shape(text: str, name: str) -> tuple[int, ...]:
    """Parse "1x224x224x3"; empty for "". Raises typer.BadParameter."""
    if text and not re.fullmatch(r"[1-9]\d*(x[1-9]\d*)*", text):
        raise typer.BadParameter(f"{text!r} is not a shape such as 1x224x224x3", param_hint=name)
    return tuple(int(length) for length in text.split("x")) if text else ()


def arm_cores(names: Sequence[str], name: str) -> tuple[ArmCore, ...]:
    """Cores to emulate by their names; all for none. Raises typer.BadParameter."""
    known = {core.name: core for core in ARM_CORES}
    for one in names:
        if one not in known:
            raise typer.BadParameter(f"{one!r} is none of {', '.join(known)}", param_hint=name)
    return tuple(known[one] for one in names) or ARM_CORES


def duration_seconds(text: str, name: str) -> float:
    """Parse "90", "90s", "10m" or "1h". Raises typer.BadParameter."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not found:
        raise typer.BadParameter(f"{text!r} is not a time such as 30s or 10m", param_hint=name)
    return float(found.group(1)) * {"": 1, "s": 1, "m": 60, "h": 3600}[found.group(2)]


def table(*columns: str, words: int = 1) -> Table:
    """An empty table; the first `words` columns are words, the others are figures."""
    made = Table(box=None, header_style="dim", pad_edge=False)
    for index, column in enumerate(columns):
        justify: JustifyMethod = "left" if index < words else "right"
        # Where room is short the name in front goes on in the next line: no figure is cut off.
        made.add_column(column, justify=justify, no_wrap=index > 0, overflow="fold")
    return made


def print_table(made: Table) -> None:
    """Within a terminal's width; in a file or a pipe, where no screen ends, as wide as it is."""
    if out.is_terminal:
        out.print(made)
        return
    width = out.measure(made, options=out.options.update(max_width=UNBOUNDED)).maximum
    Console(file=out.file, width=width, highlight=False).print(made)
