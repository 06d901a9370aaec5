"""Contenders measured in turns, so that all of them meet the same clock, heat and neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np

from benchmarks.timing.stopwatch import time_calls
from edge_runtime.arrays import Float64Array

# Runs `calls` calls and returns the median in ms.
Block = Callable[[int], float]

BLOCK_SECONDS = 0.02
MIN_CALLS, MAX_CALLS = 3, 200
MIN_ROUNDS = 8


def block_of(call: Callable[[], object]) -> Block:
    """A block of one call repeated. The first call refills the caches and is not counted."""

    def run(calls: int) -> float:
        call()
        return float(np.median(time_calls(call, calls)))

    return run


def interleave(blocks: Sequence[Block], seconds: float) -> Float64Array:
    """Times in ms (rounds, contenders); every round runs each contender's block once.

    The order turns round with every round: who runs after whom would otherwise be a bias. At least
    MIN_ROUNDS rounds, however short `seconds`.
    """
    calls = [_calls_for(block(MIN_CALLS)) for block in blocks]
    end, rounds = perf_counter() + seconds, list[list[float]]()
    while len(rounds) < MIN_ROUNDS or perf_counter() < end:
        times = [0.0] * len(blocks)
        order = range(len(blocks)) if len(rounds) % 2 == 0 else reversed(range(len(blocks)))
        for index in order:
            times[index] = blocks[index](calls[index])
        rounds.append(times)
    return np.array(rounds)


def _calls_for(call_ms: float) -> int:
    """Calls that fill a block."""
    return int(np.clip(BLOCK_SECONDS * 1e3 / max(call_ms, 1e-6), MIN_CALLS, MAX_CALLS))
