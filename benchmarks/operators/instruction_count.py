"""Instructions of one inference, counted by valgrind: a cost that does not depend on the clock."""

from __future__ import annotations

import json
import platform
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError, DeviceError, ReportFileError
from benchmarks.model_file import ModelFile
from benchmarks.tool import last_line, run_tool
from edge_runtime.atomic_file import write_whole
from edge_runtime.network.bundled_model import processor_flags
from edge_runtime.network.runtimes import runtime_version

BASELINE_PATH = Path(__file__).parent / "instruction_baseline.json"
RUNTIME = "ai-edge-litert"
TOLERANCE = 0.02
COUNTED_PROCESS = Path(__file__).parent / "counted_process.py"
# The first calls pack weights and make room; they are not counted.
FIRST_CALLS, COUNTED_CALLS = 2, 10
VALGRIND_SECONDS = 600


@dataclass(frozen=True)
class InstructionCount:
    """Instructions per inference: one thread, LiteRT with XNNPACK, under valgrind's processor."""

    model: str
    instructions: int
    baseline: int | None

    @property
    def change(self) -> float | None:
        """Relative to the baseline, 0.01 being 1 percent more; None without a baseline."""
        return None if self.baseline is None else self.instructions / self.baseline - 1

    @property
    def is_within(self) -> bool:
        """Whether the count is within TOLERANCE of a known baseline, up or down."""
        if self.baseline is None:
            return False
        return abs(self.instructions - self.baseline) <= TOLERANCE * self.baseline


def count_instructions(model: ModelFile, valgrind: str = "valgrind") -> int:
    """Instructions of one inference. Raises BenchmarkError or DeviceError when it cannot run."""
    if not shutil.which(valgrind):
        raise BenchmarkError(f"{valgrind}: not installed. Run: sudo apt-get install valgrind")
    tool = ["--tool=callgrind", "--callgrind-out-file=/dev/null"]
    process = [sys.executable, str(COUNTED_PROCESS), str(FIRST_CALLS), str(COUNTED_CALLS)]
    # A random hash seed would change the length of Python's own start.
    command = ["env", "PYTHONHASHSEED=0", valgrind, *tool, *process, str(model.path)]
    done = run_tool(command, VALGRIND_SECONDS, called=f"{model.path.name} under valgrind")
    totals = [int(total) for total in re.findall(r"Collected : (\d+)", done.stderr)]
    if done.returncode or len(totals) != 3:
        raise DeviceError(
            f"{model.path}: does not run under valgrind ({last_line(done)}). "
            "It needs ai-edge-litert and valgrind 3.19 or later."
        )
    return round((totals[1] - totals[0]) / COUNTED_CALLS)


def platform_key() -> str:
    """What a count depends on besides the model: the kernels that XNNPACK picks.

    Valgrind 3.19 shows a program AVX2 at most, whatever the processor has.
    """
    flags = processor_flags()
    level = "avx2" if {"avx2", "fma"} <= flags else "avx" if "avx" in flags else "base"
    suffix = f"-{level}" if platform.machine() == "x86_64" else ""
    return f"{platform.machine()}{suffix}, {RUNTIME} {runtime_version(RUNTIME) or 'unknown'}"


def read_baseline(path: Path = BASELINE_PATH) -> dict[str, dict[str, int]]:
    """Counts by platform, then by model. Raises ReportFileError when it is no baseline."""
    if not path.is_file():
        return {}
    try:
        stored = json.loads(path.read_text())
        return {key: {name: int(n) for name, n in counts.items()} for key, counts in stored.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise ReportFileError(
            f"{path}: not a baseline ({error}). Delete it and write a new one with --update."
        ) from error


def write_baseline(
    counts: dict[str, int], path: Path = BASELINE_PATH, platform_name: str | None = None
) -> None:
    """Replace a platform's counts, this one's by default, and keep the others.

    Raises OutputWriteError.
    """
    stored = read_baseline(path)
    stored[platform_name or platform_key()] = dict(sorted(counts.items()))
    write_whole(path, (json.dumps(stored, indent=2, sort_keys=True) + "\n").encode())
