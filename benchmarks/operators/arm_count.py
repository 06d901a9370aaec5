"""What models cost on ARM cores in instructions, counted under emulation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.arm_cores import ArmCore
from benchmarks.errors import ReportFileError
from benchmarks.machine_code.analyser import Analyser
from benchmarks.machine_code.arm_code import ArmInstructions, BlockCounts
from benchmarks.machine_code.arm_time import ArmTime, times_on_boards
from benchmarks.model_file import MEDIAPIPE, ModelFile
from benchmarks.operators.instruction_count import InstructionCount
from benchmarks.operators.operators import read_operators
from edge_runtime.atomic_file import write_whole

LABEL = "counted under emulation and estimated, not measured on hardware"
Counter = Callable[[Path, ArmCore], BlockCounts]


@dataclass(frozen=True)
class ArmCount:
    """One model on one core, counted under emulation, not measured on hardware.

    macs: multiply-accumulates of one inference. to_mediapipe: instructions over those of
    MediaPipe's landmark network on the same core; None where that was not counted. times: on the
    boards that have the core, a bound and an estimate.
    """

    model: str
    core: str
    macs: int
    size_bytes: int
    instructions: ArmInstructions
    instructions_per_mac: float | None
    to_mediapipe: float | None
    times: tuple[ArmTime, ...]


@dataclass(frozen=True)
class ArmRecord:
    """What `face520-bench arm` writes as JSON. estimated_by: the analyser's name and version."""

    runtime: str
    estimated_by: str
    counts: tuple[ArmCount, ...]
    label: str = LABEL

    def write(self, path: Path) -> None:
        """Write the JSON file whole or not at all. Raises OutputWriteError."""
        write_whole(path, (json.dumps(asdict(self), indent=1) + "\n").encode())

    @classmethod
    def read(cls, path: Path) -> ArmRecord:
        """Raises ReportFileError when the file is absent or holds something else."""
        # A device that only measures does without pydantic.
        from pydantic import TypeAdapter, ValidationError

        try:
            return TypeAdapter(cls).validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            reason = getattr(error, "strerror", None) or "another file, or cut short"
            raise ReportFileError(
                f"{path}: holds no counts ({reason}). Give a file written by face520-bench arm "
                "--json."
            ) from error


def count_on_cores(
    models: Sequence[ModelFile],
    cores: Sequence[ArmCore],
    count: Counter,
    analyser: Analyser | None = None,
) -> tuple[ArmCount, ...]:
    """Every model on every core, core by core; times are estimated if there is an analyser.

    Raises what `count`, `times_on_boards` and `read_operators` raise.
    """
    macs = {model: read_operators(model).macs for model in models}
    found = []
    for core in cores:
        blocks = {model: count(model.path, core) for model in models}
        counted = {model: ArmInstructions.of(one) for model, one in blocks.items()}
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
                    times=times_on_boards(blocks[model], core, analyser),
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
