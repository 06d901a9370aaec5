"""64-bit ARM cores by the numbers that programs tell them by."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class ArmCore:
    """A core as a program sees it. variant, part, revision: of its MIDR, as boards have them.

    instruction_set: the core of qemu 7.2 with the same instructions.
    """

    name: str
    instruction_set: str
    part: int
    variant: int
    revision: int


ARM_CORES = (
    ArmCore("cortex-a53", "cortex-a53", 0xD03, 0, 4),
    ArmCore("cortex-a72", "cortex-a72", 0xD08, 0, 3),
    # qemu 7.2 has none of its own; both are ARMv8.2 with dot product and half precision.
    ArmCore("cortex-a55", "cortex-a76", 0xD05, 2, 0),
    ArmCore("cortex-a76", "cortex-a76", 0xD0B, 4, 1),
)


def cores_in(cpuinfo: str) -> tuple[str, ...]:
    """Kinds of cores that a system names in /proc/cpuinfo, of those of ARM_CORES, in its order."""
    found = re.findall(r"^CPU part\s*:\s*(0x[0-9a-f]+)", cpuinfo, re.MULTILINE)
    by_part = {core.part: core.name for core in ARM_CORES}
    named = (by_part.get(int(part, 16)) for part in found)
    return tuple(dict.fromkeys(filter(None, named)))
