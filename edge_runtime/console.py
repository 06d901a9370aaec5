"""What the four commands print on, and how they end."""

from __future__ import annotations

import os
import sys
from errno import EBADF, EIO, ENOSPC, EPIPE
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.text import Text

from edge_runtime.atomic_file import write_error
from edge_runtime.errors import Face520Error, Interrupted

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

SOME_FAILED, NOTHING_DONE, INTERRUPTED = 1, 2, 130
STDOUT, STDERR = 1, 2
_lost_streams: list[int] = []

# Text, not markup, everywhere: a file may be called "[red].jpg" or ":eyes:.jpg".
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


class Reporter:
    """Prints reports on standard output, or on standard error where that belongs to JSON."""

    def __init__(self, stdout_is_taken: bool = False) -> None:
        self._reports = err if stdout_is_taken else out

    def say(self, message: str | Text, style: str = "") -> None:
        """Print a report; where it cannot be printed, the work goes on."""
        try:
            self._reports.print(message, style=style)
        except OSError as error:
            lose_stream(STDERR if self._reports is err else STDOUT, error)

    def complain(self, message: str) -> None:
        """Print an error or a warning on standard error."""
        complain(message)


def complain(message: str) -> None:
    """Print an error or a warning on standard error, in red."""
    try:
        err.print(message, style="red")
    except OSError as error:
        lose_stream(STDERR, error)


def print_line(line: str) -> None:
    """A line of JSON on standard output. Raises BrokenPipeError, and OutputWriteError."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise write_error(Path("standard output"), error) from error


def open_standard_streams() -> None:
    """Make streams usable that the caller has closed, and any text printable.

    A file opened in the place of a closed stream would get what libraries print on it. Names of
    files may hold bytes that no encoding has letters for.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free number, so the stream's own. Open for reading alone: what somebody
            # needs to be written there still fails.
            nowhere = os.open(os.devnull, os.O_RDONLY)
            setattr(sys, name, os.fdopen(nowhere, mode, closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def lose_stream(number: int, error: OSError) -> None:
    """Say once that standard output or error takes no more, and send the rest nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
    if number == STDOUT and error.errno not in (EPIPE, EBADF):
        _lost_streams.append(number)
        complain(f"standard output: cannot be written ({error.strerror}).")


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

    A Face520Error is printed in red and ends it with 2, Ctrl-C with 130 and a word on what is kept;
    reports that could not be printed on standard output end it with 1.
    """
    open_standard_streams()
    try:
        _run_app(app, name)
    finally:
        # Here rather than when Python ends, which would print a traceback and exit with 120.
        for number, stream in ((STDOUT, sys.stdout), (STDERR, sys.stderr)):
            try:
                stream.flush()
            except OSError as error:
                lose_stream(number, error)


def _run_app(app: typer.Typer, name: str) -> None:
    try:
        app(prog_name=name)
    except MemoryError:
        complain("Too little memory. Close other programs, or give smaller pictures.")
        raise SystemExit(NOTHING_DONE) from None
    except BrokenPipeError:
        raise SystemExit(SOME_FAILED) from None
    except OSError as error:
        if error.filename is not None or error.errno not in (ENOSPC, EBADF, EIO):
            raise
        lose_stream(STDOUT, error)
        raise SystemExit(SOME_FAILED) from None
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
        if not end.code and _lost_streams:
            raise SystemExit(SOME_FAILED) from None
        raise
