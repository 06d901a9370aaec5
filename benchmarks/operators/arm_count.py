"""What models cost on ARM cores in instructions, counted under emulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.model_file import MEDIAPIPE, ModelFile
from benchmarks.operators.arm_emulation import ArmCore, ArmInstructions
from benchmarks.operators.instruction_count import InstructionCount
from benchmarks.operators.operators import read_operators

Counter = Callable[[Path, ArmCore], ArmInstructions]


@dataclass(frozen=True)
class ArmCount:
    """One model on one core, counted under emulation, not measured on hardware.

    macs: multiply-accumulates of one inference. to_mediapipe: instructions over those of
    MediaPipe's landmark network on the same core; None where that was not counted.
    """

    model: str
    core: str
    macs: int
    size_bytes: int
    instructions: ArmInstructions
    instructions_per_mac: float | None
    to_mediapipe: float | None


def count_on_cores(
    models: Sequence[ModelFile], cores: Sequence[ArmCore], count: Counter
) -> tuple[ArmCount, ...]:
    """Every model on every core, core by core. Raises what `count` and `read_operators` raise."""
    macs = {model: read_operators(model).macs for model in models}
    found = []
    for core in cores:
        counted = {model: count(model.path, core) for model in models}
        reference = next((n.executed for m, n in counted.items() if m.name == MEDIAPIPE), None)
        for model, instructions in counted.items():
            executed = instructions.executed
            found.append(
                ArmCount(
                    model=model.name,
                    core=core.name,
                    macs=macs[model],
                    size_bytes=model.size_bytes,
                    instructions=instructions,
                    instructions_per_mac=executed / macs[model] if macs[model] else None,
                    to_mediapipe=executed / reference if reference else None,
                )
            )
    return tuple(found)


def baseline_key(core: str, runtime: str) -> str:
    """The platform under which a core's counts are filed in the baseline."""
    return f"aarch64 {core} under qemu, {runtime}"


def past_tolerance(
    counts: Sequence[ArmCount], runtime: str, baseline: dict[str, dict[str, int]]
) -> tuple[str, ...]:
    """A line for each count further from its baseline than TOLERANCE; none without a baseline."""
    lines = []
    for one in counts:
        known = baseline.get(baseline_key(one.core, runtime), {}).get(one.model)
        compared = InstructionCount(one.model, one.instructions.executed, known)
        if compared.change is not None and not compared.is_within:
            lines.append(f"{one.model} on {one.core}: {compared.change:+.2%}")
    return tuple(lines)
