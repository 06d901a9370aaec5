"""Times calls: warm-up until they are steady, then samples by count or by time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns

import numpy as np

from edge_runtime.arrays import Float64Array

STABLE_WINDOWS = 3
STABLE_WITHIN = 0.02
WINDOW_SECONDS, WINDOW_CALLS = 0.05, 5
NOTHING_CALLS = 20_000


@dataclass(frozen=True)
class WarmUp:
    """Calls before the first sample. stable: the last three windows agreed within 2 percent."""

    calls: int
    seconds: float
    stable: bool


def warm_up(call: Callable[[], object], limit_seconds: float = 5.0) -> WarmUp:
    """Call until the medians of three windows in a row agree, or the limit has passed.

    Clock governors, caches and page faults settle in that time.
    """
    start, calls, medians = perf_counter(), 0, list[float]()
    while True:
        samples = time_calls(call, count=WINDOW_CALLS, seconds=WINDOW_SECONDS)
        calls += len(samples)
        medians.append(float(np.median(samples)))
        last, seconds = medians[-STABLE_WINDOWS:], perf_counter() - start
        if len(last) == STABLE_WINDOWS and max(last) <= min(last) * (1 + STABLE_WITHIN):
            return WarmUp(calls, seconds, stable=True)
        if seconds >= limit_seconds:
            return WarmUp(calls, seconds, stable=False)


def time_calls(call: Callable[[], object], count: int = 1, seconds: float = 0.0) -> Float64Array:
    """Milliseconds of each call; at least `count` calls, and for at least `seconds`."""
    clock, samples = perf_counter_ns, list[int]()
    end = clock() + int(seconds * 1e9)
    with no_collection():
        while True:
            start = clock()
            call()
            stop = clock()
            samples.append(stop - start)
            if stop >= end and len(samples) >= count:
                break
    return np.array(samples, np.float64) / 1e6


def overhead_ms() -> float:
    """What a sample of a call that does nothing shows: the part of each sample that is ours."""
    # dict() with no arguments would allocate; gc.isenabled only reads a flag, in C, as invoke does.
    return float(np.mean(time_calls(gc.isenabled, NOTHING_CALLS)))


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep Python's cyclic collector from running between two clock readings."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
