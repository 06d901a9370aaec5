"""How fast an ARM core could run counted instructions: a bound, and an estimate by LLVM.

The bound is that of the program which runs, whose instructions were counted. Multiplications over a
core's peak would bound programs that nobody has: all that a program does besides is left out, and
how many multiplications a model has depends on how its file is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.arm_cores import ArmCore
from benchmarks.machine_code.analyser import AARCH64, Analyser, ScheduledCore, estimate_cycles
from benchmarks.machine_code.arm_code import ArmInstructions, BlockCounts

ESTIMATE_LABEL = "estimate, not measured on hardware"
LEFT_OUT = (
    "Left out are caches and memory (every load hits the nearest cache), wrongly predicted "
    "branches, and the clock's fall with heat."
)


@dataclass(frozen=True)
class ArmTime:
    """Milliseconds of one inference on one core of a board: ESTIMATE_LABEL.

    bound_ms: no program of these instructions is faster. estimate_ms: None without LLVM.
    """

    board: str
    clock_ghz: float
    bound_ms: float
    estimate_ms: float | None
    label: str = ESTIMATE_LABEL


def scheduled(core: ArmCore) -> ScheduledCore:
    """The core as LLVM knows it."""
    return ScheduledCore(AARCH64, core.llvm_name, core.issued, core.is_in_order)


def bound_cycles(counted: ArmInstructions, core: ArmCore) -> float:
    """What keeps the core busy longest, were all instructions always ready."""
    whole_vectors = counted.vectors - counted.half_vectors / 2
    return max(
        counted.executed / core.issued,
        whole_vectors / core.vectors,
        counted.widening / core.widening,
        counted.loads / core.loads,
        (counted.loads + counted.stores) / core.memory,
    )


def times_on_boards(
    blocks: BlockCounts, core: ArmCore, analyser: Analyser | None
) -> tuple[ArmTime, ...]:
    """Of one inference on each board with that core. Raises DeviceError when LLVM fails."""
    bound = bound_cycles(ArmInstructions.of(blocks), core)
    estimate = None
    if analyser:
        known = analyser.cycles(blocks, scheduled(core))
        # The analyser's tables may be kinder to an instruction than the guide is.
        estimate = max(estimate_cycles(blocks, known), bound)
    return tuple(
        ArmTime(
            board.name,
            board.clock_ghz,
            bound / board.clock_ghz / 1e6,
            estimate / board.clock_ghz / 1e6 if estimate else None,
        )
        for board in core.boards
    )
