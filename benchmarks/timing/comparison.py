"""A against B in turns: the ratio of their times, and how sure it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, cast

import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.model_file import ModelFile
from benchmarks.timing.affinity import pinned
from benchmarks.timing.child_process import child_command, child_environment, error_message
from benchmarks.timing.engine import Engine, EngineOptions
from benchmarks.timing.interleaving import Block, block_of, interleave
from benchmarks.timing.paired_ratio import PairedRatio
from benchmarks.timing.stopwatch import warm_up
from edge_runtime.network.runtimes import installed_runtimes


@dataclass(frozen=True)
class Contender:
    """A model and how it is run."""

    model: ModelFile
    options: EngineOptions = field(default_factory=EngineOptions)

    def __str__(self) -> str:
        runtime = self.options.runtime or installed_runtimes()[0]
        return f"{self.model.name} ({replace(self.options, runtime=runtime)})"


@dataclass(frozen=True)
class Comparison:
    """A's time over B's, below 1 when A is faster; noise is A over a second copy of A.

    a_ms, b_ms: medians over the rounds. in_one_process: else in processes that take turns.
    """

    a: str
    b: str
    a_ms: float
    b_ms: float
    ratio: PairedRatio
    noise: PairedRatio
    in_one_process: bool
    cores: tuple[int, ...]


def compare(
    a: Contender,
    b: Contender,
    seconds: float = 10.0,
    in_one_process: bool = True,
    cores: tuple[int, ...] = (),
) -> Comparison:
    """Measure A, B and a second copy of A in turns.

    Separate processes keep two runtimes, or a crash, apart; they wait for each other, so that no
    two run at once. Raises BenchmarkError when one cannot be run.
    """
    with pinned(cores), ExitStack() as stack:
        blocks = [
            _block_here(contender)
            if in_one_process
            else stack.enter_context(_block_in_child(contender))
            for contender in (a, b, a)
        ]
        times = interleave(blocks, seconds)
    a_ms, b_ms, twin_ms = times.T
    return Comparison(
        a=str(a),
        b=str(b),
        a_ms=float(np.median(a_ms)),
        b_ms=float(np.median(b_ms)),
        ratio=PairedRatio.of(a_ms, b_ms),
        noise=PairedRatio.of(a_ms, twin_ms),
        in_one_process=in_one_process,
        cores=tuple(cores),
    )


def _block_here(contender: Contender) -> Block:
    engine = Engine(contender.model.path, contender.options)
    engine.check()
    warm_up(engine.invoke, limit_seconds=2)
    return block_of(engine.invoke)


@contextmanager
def _block_in_child(contender: Contender) -> Iterator[Block]:
    """A block that runs in a process of its own: a number of calls in, a median out."""
    asked = {"model": str(contender.model.path), "options": asdict(contender.options)}
    child = subprocess.Popen(
        child_command("benchmarks.timing.comparison", asked),
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    questions, answers = cast(IO[str], child.stdin), cast(IO[str], child.stdout)

    def run(calls: int) -> float:
        try:
            print(calls, file=questions, flush=True)
            return float(answers.readline())
        except (BrokenPipeError, ValueError) as error:
            child.wait()
            stderr = child.stderr.read() if child.stderr else ""
            reason = error_message(stderr, child.returncode)
            raise BenchmarkError(f"{contender}: its process ended ({reason})") from error

    try:
        yield run
    finally:
        # Closing its input ends the child's loop.
        for pipe in (questions, answers, child.stderr):
            try:
                if pipe is not None:
                    pipe.close()
            except BrokenPipeError:
                pass
        child.wait()


def _serve(model: Path, options: EngineOptions) -> None:
    """The child's side: answer every line of stdin."""
    block = _block_here(Contender(ModelFile(model.stem, model), options))
    for line in sys.stdin:
        print(block(int(line)), flush=True)


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    _serve(Path(asked["model"]), EngineOptions.from_json(asked["options"]))
