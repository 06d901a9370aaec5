"""Runs ssh, adb, valgrind and their like, and turns their output into errors a user can act on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.errors import BenchmarkError, DeviceError

BUILD_SECONDS = 60
TRY_IDLE = "This machine is busy, or slow: run it again while nothing else runs."
CHECK_CONNECTION = "Check the connection."


def run_tool(
    command: Sequence[str],
    timeout_seconds: float,
    input_bytes: bytes | None = None,
    *,
    called: str = "",
    if_slow: str = TRY_IDLE,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; its exit code is the caller's to judge.

    called: what is run, for a user; the program's name if empty. if_slow: what to do about one that
    takes too long. Raises DeviceError then, and when the program is absent or of another machine.
    """
    try:
        # Without input they get none: ssh and adb would take what the user types meanwhile.
        done = subprocess.run(
            command, input=input_bytes or b"", capture_output=True, timeout=timeout_seconds
        )
    except FileNotFoundError as error:
        raise DeviceError(
            f"{command[0]}: not installed, or not in PATH. Install it, or give its path."
        ) from error
    except OSError as error:
        raise DeviceError(
            f"{command[0]}: cannot be run here ({error.strerror}). Give a program for this machine."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise DeviceError(
            f"{called or command[0]}: no end after {timeout_seconds:.0f} s. {if_slow}"
        ) from error
    return subprocess.CompletedProcess(
        done.args,
        done.returncode,
        done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="replace"),
    )


def build_library(source: Path, folder: Path) -> Path:
    """A C file as a shared library in the folder. Raises BenchmarkError without a compiler."""
    if not shutil.which("gcc"):
        raise BenchmarkError("gcc: not installed. Run: sudo apt-get install gcc libc6-dev")
    library = folder / f"{source.stem}.so"
    flags = ["-O2", "-shared", "-fPIC", "-o", str(library)]
    done = run_tool(["gcc", *flags, str(source)], BUILD_SECONDS)
    if done.returncode:
        raise BenchmarkError(f"{source}: gcc cannot build it ({last_line(done)}).")
    return library


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """The last line that a program printed, stderr before stdout."""
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1].strip() if lines else f"exit code {done.returncode}"
