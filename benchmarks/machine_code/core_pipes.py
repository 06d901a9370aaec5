"""How fast an ARM core could run counted instructions: a bound, and an estimate by LLVM."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.machine_code.analyser import (
    AARCH64,
    Analyser,
    ScheduledCore,
    estimate_cycles,
)
from benchmarks.machine_code.arm_code import ArmInstructions, BlockCounts

ESTIMATE_LABEL = "estimate, not measured on hardware"
LEFT_OUT = (
    "Bound and estimate leave out caches and memory (every load hits the nearest cache), wrongly "
    "predicted branches, and the clock's fall with heat."
)


@dataclass(frozen=True)
class Board:
    """A machine that people own, and its clock; some are sold or set with several."""

    name: str
    clock_ghz: float


@dataclass(frozen=True)
class Pipes:
    """Instructions of a kind that a core starts in a cycle at the very most, and its boards.

    issued: of all kinds. vectors: of 128 bits, two of 64 bits counting as one. widening: SMLAL.
    Where sources differ the faster figure stands: the bound must stay a bound.
    """

    core: str
    issued: float
    vectors: float
    widening: float
    fused: float
    dot_products: float
    loads: float
    memory: float
    source: str
    scheduled: ScheduledCore
    boards: tuple[Board, ...]


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


CORE_PIPES = (
    Pipes(
        core="cortex-a53",
        issued=2, vectors=1, widening=1, fused=1, dot_products=1, loads=1, memory=1,
        source="LLVM's AArch64SchedA53.td: two instructions a cycle in order, one load or store, "
        "one 128-bit vector operation; Arm published no optimization guide",
        scheduled=ScheduledCore(AARCH64, "cortex-a53", "", 2, is_in_order=True),
        boards=(Board("Raspberry Pi 3B", 1.2), Board("Raspberry Pi 3B+", 1.4)),
    ),
    Pipes(
        core="cortex-a72",
        issued=3, vectors=2, widening=1, fused=2, dot_products=2, loads=1, memory=2,
        source="Arm Cortex-A72 Software Optimization Guide (UAN 0016A), section 2: three "
        "instructions decoded a cycle, pipes F0 and F1, integer multiplication in F0 alone, one "
        "load and one store",
        scheduled=ScheduledCore(AARCH64, "cortex-a72", "", 3, is_in_order=False),
        boards=(Board("Raspberry Pi 4B", 1.5), Board("Raspberry Pi 4B", 1.8)),
    ),
    Pipes(
        core="cortex-a55",
        issued=2, vectors=1, widening=1, fused=1, dot_products=1, loads=1, memory=2,
        source="Arm Cortex-A55 Software Optimization Guide (ARM-EPM-128372): two instructions a "
        "cycle in order, one load and one store, two 64-bit vector pipes that a 128-bit operation "
        "takes together",
        scheduled=ScheduledCore(AARCH64, "cortex-a55", "", 2, is_in_order=True),
        boards=(Board("RK3568 boards", 2.0),),
    ),
    Pipes(
        core="cortex-a76",
        issued=4, vectors=2, widening=1, fused=2, dot_products=2, loads=2, memory=2,
        source="Arm Cortex-A76 Software Optimization Guide (PJDOC-466751330-7215): four "
        "instructions decoded a cycle, pipes V0 and V1, widening multiplication in V0 alone, two "
        "address pipes",
        # LLVM has the A57's model for a cortex-a76; its server sibling's own is nearer.
        scheduled=ScheduledCore(AARCH64, "neoverse-n1", "", 4, is_in_order=False),
        boards=(Board("Raspberry Pi 5", 2.4),),
    ),
)  # fmt: skip


def pipes_of(core: str) -> Pipes:
    """Those of a core that `face520-bench arm` counts on."""
    return next(one for one in CORE_PIPES if one.core == core)


def bound_cycles(counted: ArmInstructions, pipes: Pipes) -> float:
    """The pipe that these instructions keep busy longest, were all of them always ready."""
    whole_vectors = counted.vectors - counted.half_vectors / 2
    return max(
        counted.executed / pipes.issued,
        whole_vectors / pipes.vectors,
        counted.widening / pipes.widening,
        counted.fused / pipes.fused,
        counted.dot_products / pipes.dot_products,
        counted.loads / pipes.loads,
        (counted.loads + counted.stores) / pipes.memory,
    )


def times_on_boards(
    blocks: BlockCounts, pipes: Pipes, analyser: Analyser | None
) -> tuple[ArmTime, ...]:
    """Of one inference on each board with that core. Raises DeviceError when LLVM fails."""
    bound = bound_cycles(ArmInstructions.of(blocks), pipes)
    estimate = None
    if analyser:
        known = analyser.cycles(blocks, pipes.scheduled)
        # The analyser's tables may be kinder to an instruction than the guide is.
        estimate = max(estimate_cycles(blocks, known), bound)
    return tuple(
        ArmTime(
            board.name,
            board.clock_ghz,
            bound / board.clock_ghz / 1e6,
            estimate / board.clock_ghz / 1e6 if estimate else None,
        )
        for board in pipes.boards
    )
