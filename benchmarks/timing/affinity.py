"""Pins this process to chosen cores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.errors import BenchmarkError


@contextmanager
def pinned(cores: Sequence[int]) -> Iterator[None]:
    """Run the `with` block on these cores alone; on any core for an empty sequence.

    Raises BenchmarkError where the system cannot pin or a core does not exist.
    """
    if not cores:
        yield
        return
    if not hasattr(os, "sched_setaffinity"):
        raise BenchmarkError("This system cannot pin a process to cores. Leave out --cores.")
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, cores)
    except (OSError, ValueError) as error:
        raise BenchmarkError(
            f"Cores {', '.join(map(str, cores))}: not all of them can be used here. "
            f"Choose among {', '.join(map(str, sorted(before)))}."
        ) from error
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
