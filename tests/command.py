"""A console command run in this process: what it prints and how it ends, without another start."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from subprocess import CompletedProcess

import pytest


def run_main(package: str, *arguments: object) -> CompletedProcess[str]:
    """Call the package's main() with these arguments; an exception that it lets out is let out.

    What compiled libraries print is not in `stderr`; where that counts, start a process.
    """
    main = import_module(f"{package}.cli").main
    words = [str(one) for one in arguments]
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", [package, *words])
        patch.setenv("COLUMNS", "200")
        try:
            main()
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int), code
    return CompletedProcess([package, *words], code, out.getvalue(), err.getvalue())
