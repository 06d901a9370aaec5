"""How long each operator of a model takes on this machine, as a model of its own."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time_ns

from benchmarks.model_file import ModelFile
from benchmarks.operators.cut_models import write_prefixes, write_slices
from benchmarks.operators.operators import OperatorCosts
from benchmarks.timing.engine import Engine, EngineOptions

MIN_ROUNDS = 20
BLOCK_CALLS = 10
THIS_MACHINE, MICROSECONDS = "this machine", "us"


def time_operators(model: ModelFile, seconds: float, instruction_set: str = "") -> OperatorCosts:
    """CPU time of each operator in microseconds, in one thread, less what a call costs by itself.

    Every operator, the whole model and a model without operators take turns. The least of many
    blocks of calls is what others on the machine disturb least. Activations of one operator alone
    may lie in a nearer cache than in the whole model. Raises BenchmarkError.
    """
    with TemporaryDirectory() as scratch:
        slices = write_slices(model, Path(scratch))
        empty = write_prefixes(model, Path(scratch))[0]
        options = EngineOptions(instruction_set=instruction_set)
        engines = [Engine(path, options) for path in (empty, model.path, *filter(None, slices))]
    for engine in engines:
        engine.check()
    end, rounds = perf_counter() + seconds, 0
    least = [float("inf")] * len(engines)
    while rounds < MIN_ROUNDS or perf_counter() < end:
        for index, engine in enumerate(engines):
            least[index] = min(least[index], _block_us(engine))
        rounds += 1
    by_itself, whole, *others = least
    alone = iter(others)
    values = tuple(next(alone) - by_itself if path else None for path in slices)
    where = f"{THIS_MACHINE}, {instruction_set} alone" if instruction_set else THIS_MACHINE
    return OperatorCosts(where, MICROSECONDS, values, whole - by_itself)


def _block_us(engine: Engine) -> float:
    """CPU time of a call, the mean of a block; the first call refills the caches."""
    engine.invoke()
    start = thread_time_ns()
    for _ in range(BLOCK_CALLS):
        engine.invoke()
    return (thread_time_ns() - start) / BLOCK_CALLS / 1e3
