"""Runs a module of this package in a fresh Python process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError

REPOSITORY = Path(__file__).resolve().parents[2]


def child_command(module: str, options: dict[str, Any]) -> list[str]:
    """The command line that hands options to `python -m module` as JSON."""
    return [sys.executable, "-m", module, json.dumps(options)]


def child_environment() -> dict[str, str]:
    """The environment in which a child finds this package, installed or not."""
    paths = [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def ask_child(module: str, options: dict[str, Any], timeout_seconds: float = 300) -> dict[str, Any]:
    """The JSON object on the last line that the child prints.

    Raises BenchmarkError with the child's own last line when it fails or takes too long.
    """
    try:
        child = subprocess.run(
            child_command(module, options),
            env=child_environment(),
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchmarkError(
            f"{module}: no answer within {timeout_seconds:.0f} s. Measure on an idle machine."
        ) from error
    if child.returncode:
        raise BenchmarkError(error_message(child.stderr, child.returncode))
    answer: dict[str, Any] = json.loads(child.stdout.strip().splitlines()[-1])
    return answer


def error_message(stderr: str, returncode: int) -> str:
    """Why a child ended: the message of its exception, without the name of that."""
    printed = stderr.strip().splitlines() or [f"exit code {returncode}"]
    return printed[-1].split("Error: ", 1)[-1]
