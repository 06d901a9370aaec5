"""What the four commands print on, and how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.text import Text

from edge_runtime.errors import Face520Error, Interrupted

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

SOME_FAILED, NOTHING_DONE, INTERRUPTED = 1, 2, 130

# Text, not markup, everywhere: a file may be called "[red].jpg" or ":eyes:.jpg".
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


class Reporter:
    """Prints reports on standard output, or on standard error where that belongs to JSON."""

    def __init__(self, stdout_is_taken: bool = False) -> None:
        self._reports = err if stdout_is_taken else out

    def say(self, message: str | Text, style: str = "") -> None:
        """Print a report."""
        self._reports.print(message, style=style)

    def complain(self, message: str) -> None:
        """Print an error or a warning on standard error."""
        complain(message)


def complain(message: str) -> None:
    """Print an error or a warning on standard error, in red."""
    err.print(message, style="red")


def progress_bar(*figures: ProgressColumn) -> Progress:
    """A bar on standard error; `figures` are columns beside the count. `with` shows it."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    count = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*count, *figures, TimeRemainingColumn(), console=err)


def run_app(app: typer.Typer, name: str) -> None:
    """Run a command line to its exit code.

    A Face520Error is printed in red and ends it with 2, Ctrl-C with 130 and a word on what is kept.
    """
    try:
        app(prog_name=name)
    except Interrupted as stop:
        complain(str(stop))
        raise SystemExit(INTERRUPTED) from None
    except Face520Error as error:
        complain(str(error))
        raise SystemExit(NOTHING_DONE) from None
    except SystemExit as end:
        # typer makes a wordless SystemExit(130) of Ctrl-C before anyone can catch it.
        if end.code == INTERRUPTED:
            complain("Interrupted; what is finished is kept.")
        raise
