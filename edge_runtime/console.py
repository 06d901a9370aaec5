"""What face520-run says, and its exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

SOME_FAILED, NOTHING_DONE = 1, 2

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


class Reporter:
    """Prints reports on standard output, or on standard error where that belongs to JSON."""

    def __init__(self, stdout_is_taken: bool = False) -> None:
        self._reports = _err if stdout_is_taken else _out

    # Text, not markup, everywhere: a file may be called "[red].jpg".
    def say(self, message: str | Text, style: str = "") -> None:
        """Print a report."""
        self._reports.print(Text(message, style=style) if isinstance(message, str) else message)

    def complain(self, message: str) -> None:
        """Print an error or a warning on standard error."""
        _err.print(Text(message, style="red"))


@contextmanager
def stderr_of_libraries_closed() -> Iterator[None]:
    """LiteRT's C++ prints notes on stderr while it loads a model; errors come as exceptions."""
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
