"""Which operators of a model cost the instructions of an ARM core, told by its cuts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.arm_cores import ArmCore
from benchmarks.machine_code.analyser import Analyser, estimate_cycles
from benchmarks.machine_code.arm_code import BlockCounts
from benchmarks.machine_code.arm_time import scheduled
from benchmarks.model_file import ModelFile
from benchmarks.operators.arm_emulation import ArmEmulation
from benchmarks.operators.cut_models import write_prefixes
from benchmarks.operators.operators import OperatorCosts

# An operator is part of the next one when that takes away at least this share of what it costs.
FUSED_SHARE = 0.5


def count_operators(
    model: ModelFile, emulation: ArmEmulation, core: ArmCore, analyser: Analyser | None
) -> tuple[OperatorCosts, ...]:
    """Instructions of each operator on an emulated core, and its cycles by LLVM's estimate.

    analyser: None for no estimate. Raises BenchmarkError and DeviceError.
    """
    with TemporaryDirectory() as scratch:
        counted = emulation.count_blocks(write_prefixes(model, Path(scratch)), core)
    added = attribute(counted)
    where = f"emulated {core.name}"
    found = [
        OperatorCosts(
            where,
            "instructions",
            tuple(None if one is None else float(_instructions(one)) for one in added),
            float(_instructions(counted[-1])),
        )
    ]
    if analyser:
        known = analyser.cycles(counted[-1], scheduled(core))
        cycles = tuple(None if one is None else estimate_cycles(one, known) for one in added)
        whole = estimate_cycles(counted[-1], known)
        found.append(OperatorCosts(where, "cycles (estimate)", cycles, whole))
    return tuple(found)


def attribute(counted: Sequence[BlockCounts]) -> tuple[BlockCounts | None, ...]:
    """The blocks that each operator adds; None where it runs as a part of the next one.

    counted: of the cuts, the first one without operators.
    """
    added = [difference(after, before) for before, after in pairwise(counted)]
    found = list[BlockCounts | None]()
    for index, blocks in enumerate(added):
        following = added[index + 1] if index + 1 < len(added) else {}
        taken_away = _instructions({b: -times for b, times in following.items() if times < 0})
        if taken_away > FUSED_SHARE * max(_instructions(blocks), 1):
            # What it costs alone, the next one has taken away: together they cost both sums.
            added[index + 1] = _sum(following, blocks)
            found.append(None)
        else:
            found.append(blocks)
    return tuple(found)


def _instructions(blocks: BlockCounts) -> int:
    return sum(len(block.code) * times for block, times in blocks.items())


def difference(after: BlockCounts, before: BlockCounts) -> BlockCounts:
    """Times that each block ran more often; negative where it ran less."""
    return _sum(after, {block: -times for block, times in before.items()})


def _sum(one: BlockCounts, other: BlockCounts) -> BlockCounts:
    total = dict(one)
    for block, times in other.items():
        total[block] = total.get(block, 0) + times
    return {block: times for block, times in total.items() if times}
