"""64-bit ARM cores: how programs tell them, what they can do in a cycle, boards that have them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Board:
    """A machine that people own, and its clock; some are sold or set with several."""

    name: str
    clock_ghz: float
    source: str


@dataclass(frozen=True)
class ArmCore:
    """A core by its name, its numbers, its limits and its boards.

    part, variant, revision: of its MIDR, as boards have them. instruction_set: the core of qemu 7.2
    with the same instructions.
    issued, vectors, widening, loads, memory: instructions that it starts in a cycle at the very
    most; of all kinds, of 128-bit vectors (two of 64 bits count as one), SMULL and SMLAL, loads,
    loads and stores together; source: of these. Where sources differ the faster figure stands: what
    is made of them is a bound.
    llvm_name: as LLVM's tables of cores have it. is_in_order: it starts instructions in the order
    in which they stand.
    """

    name: str
    part: int
    variant: int
    revision: int
    instruction_set: str
    issued: int
    vectors: int
    widening: int
    loads: int
    memory: int
    source: str
    llvm_name: str
    is_in_order: bool
    boards: tuple[Board, ...]


# Part numbers: Linux, arch/arm64/include/asm/cputype.h. Variants and revisions: /proc/cpuinfo of a
# Raspberry Pi 3, 4 and 5, and of a Radxa ROCK 3A, which has an RK3568.
ARM_CORES = (
    ArmCore(
        "cortex-a53", 0xD03, 0, 4, instruction_set="cortex-a53",
        issued=2, vectors=1, widening=1, loads=1, memory=1,
        source="LLVM's AArch64SchedA53.td: two instructions a cycle in order, one load or store, "
        "one 128-bit vector operation; Arm published no optimization guide",
        llvm_name="cortex-a53", is_in_order=True,
        boards=(
            Board("Raspberry Pi 3B", 1.2, "BCM2837: Raspberry Pi documentation, Processors"),
            Board("Raspberry Pi 3B+", 1.4, "BCM2837B0: Raspberry Pi documentation, Processors"),
        ),
    ),
    ArmCore(
        "cortex-a72", 0xD08, 0, 3, instruction_set="cortex-a72",
        issued=3, vectors=2, widening=1, loads=1, memory=2,
        source="Arm Cortex-A72 Software Optimization Guide (UAN 0016A), section 2: three "
        "instructions decoded a cycle, pipes F0 and F1, integer multiplication in F0 alone, one "
        "load and one store",
        llvm_name="cortex-a72", is_in_order=False,
        boards=(
            Board("Raspberry Pi 4B", 1.5, "BCM2711: Raspberry Pi documentation, Processors"),
            Board("Raspberry Pi 4B", 1.8, "BCM2711 since 2021: Raspberry Pi OS release notes"),
        ),
    ),
    ArmCore(
        # qemu 7.2 has none of its own; both are ARMv8.2 with dot product and half precision.
        "cortex-a55", 0xD05, 2, 0, instruction_set="cortex-a76",
        issued=2, vectors=1, widening=1, loads=1, memory=2,
        source="Arm Cortex-A55 Software Optimization Guide (ARM-EPM-128372): two instructions a "
        "cycle in order, one load and one store, two 64-bit vector pipes that a 128-bit operation "
        "takes together",
        llvm_name="cortex-a55", is_in_order=True,
        boards=(Board("RK3568 boards", 2.0, "1992 MHz at most: Linux, rockchip/rk3568.dtsi"),),
    ),
    ArmCore(
        "cortex-a76", 0xD0B, 4, 1, instruction_set="cortex-a76",
        issued=4, vectors=2, widening=1, loads=2, memory=2,
        source="Arm Cortex-A76 Software Optimization Guide (PJDOC-466751330-7215): four "
        "instructions decoded a cycle, pipes V0 and V1, widening multiplication in V0 alone, two "
        "address pipes",
        # LLVM has the A57's model for a cortex-a76; its server sibling's own is nearer.
        llvm_name="neoverse-n1", is_in_order=False,
        boards=(Board("Raspberry Pi 5", 2.4, "BCM2712: Raspberry Pi 5 product brief"),),
    ),
)  # fmt: skip


def cores_in(cpuinfo: str) -> tuple[str, ...]:
    """Kinds of cores that a system names in /proc/cpuinfo, of those of ARM_CORES, in its order."""
    found = re.findall(r"^CPU part\s*:\s*(0x[0-9a-f]+)", cpuinfo, re.MULTILINE)
    by_part = {core.part: core.name for core in ARM_CORES}
    named = (by_part.get(int(part, 16)) for part in found)
    return tuple(dict.fromkeys(filter(None, named)))
