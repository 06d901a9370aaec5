"""Cycles that LLVM's machine-code analyser expects of a program's hot blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import DeviceError
from benchmarks.operators.arm_code import Block, BlockCounts
from benchmarks.tool import last_line, run_tool

# Blocks are looked at from the hottest on until they hold this share of the instructions.
COVERED_SHARE = 0.99
REPEATS = 100
LLVM_SECONDS = 120
VERSION = re.compile(r"LLVM version (\S+)")


@dataclass(frozen=True)
class ScheduledCore:
    """A core as LLVM knows it.

    triple, cpu, attributes: as its tools have them. decoded: instructions that its front end takes
    in a cycle. is_in_order: it waits for every result, and no block runs beside the next.
    """

    triple: str
    cpu: str
    attributes: str
    decoded: int
    is_in_order: bool


@dataclass(frozen=True)
class Analyser:
    """llvm-mc and llvm-mca in a folder, and the folders of the libraries that they need."""

    folder: Path
    libraries: tuple[Path, ...]

    @classmethod
    def find(cls, machine: Path) -> Analyser | None:
        """Those that tests/arm/prepare.sh unpacked; None without them."""
        unpacked = machine.absolute() / "llvm"
        for folder in unpacked.glob("usr/lib/llvm-*/bin"):
            libraries = [*unpacked.glob("usr/lib/*-linux-gnu"), *unpacked.glob("lib/*-linux-gnu")]
            return cls(folder, tuple(libraries))
        return None

    @property
    def version(self) -> str:
        found = VERSION.search(self._run("llvm-mca", ["--version"], ""))
        return f"LLVM {found.group(1) if found else 'unknown'}"

    def cycles(self, blocks: BlockCounts, core: ScheduledCore) -> dict[Block, float]:
        """Cycles of each hot block, one time through. Raises DeviceError when LLVM cannot tell.

        A block that jumps back to its own start is simulated as that loop; so is every block on a
        core that works in order. Of other blocks an out-of-order core runs several at a time, so
        that they cost what their instructions take of its pipes. No block is faster than the front
        end. Caches and memory are as fast as in LLVM's tables: every load hits.
        """
        hot = hot_blocks(blocks)
        assembler = iter(self._assembler(hot, core))
        source = list[str]()
        for index, block in enumerate(hot):
            lines = [next(assembler) for _ in block.code]
            source += [f"# LLVM-MCA-BEGIN {index}", *lines, "# LLVM-MCA-END"]
        options = [f"-mtriple={core.triple}", f"-mcpu={core.cpu}", f"-mattr={core.attributes}"]
        options += [f"-iterations={REPEATS}", "-call-latency=1", "-json", "-instruction-info=0"]
        answer = json.loads(self._run("llvm-mca", options, "\n".join(source) + "\n"))
        found = dict[Block, float]()
        for block, region in zip(hot, answer["CodeRegions"], strict=True):
            summary = region["SummaryView"]
            simulated = summary["TotalCycles"] / REPEATS
            by_pipes = max(
                summary["BlockRThroughput"],
                summary["TotaluOps"] / REPEATS / summary["DispatchWidth"],
            )
            is_loop = core.is_in_order or block.is_loop
            front_end = len(block.code) / core.decoded
            found[block] = max(simulated if is_loop else by_pipes, front_end)
        return found

    def _assembler(self, blocks: Sequence[Block], core: ScheduledCore) -> list[str]:
        """A line for each instruction."""
        encoded = [code for block in blocks for code in block.code]
        text = "".join(" ".join(f"{byte:#04x}" for byte in code) + "\n" for code in encoded)
        options = ["-disassemble", f"-triple={core.triple}", "-mattr=+all"]
        printed = self._run("llvm-mc", options, text).splitlines()
        lines = [line for line in printed if line.strip() and not line.strip().startswith(".")]
        if len(lines) != len(encoded):
            raise DeviceError(
                f"llvm-mc: read {len(lines)} of {len(encoded)} instructions. "
                "Take the LLVM of tests/arm/prepare.sh."
            )
        return lines

    def _run(self, tool: str, options: Sequence[str], text: str) -> str:
        path = f"LD_LIBRARY_PATH={':'.join(map(str, self.libraries))}"
        command = ["env", path, str(self.folder / tool), *options]
        done = run_tool(command, LLVM_SECONDS, text.encode())
        if done.returncode:
            raise DeviceError(f"{tool}: {last_line(done)} Take the LLVM of tests/arm/prepare.sh.")
        return done.stdout


def hot_blocks(blocks: BlockCounts) -> list[Block]:
    """From the hottest on, until they hold COVERED_SHARE of the instructions."""
    by_cost = sorted(blocks, key=lambda block: -blocks[block] * len(block.code))
    left = COVERED_SHARE * sum(times * len(block.code) for block, times in blocks.items())
    found = []
    for block in by_cost:
        if left <= 0:
            break
        found.append(block)
        left -= blocks[block] * len(block.code)
    return found


def estimate_cycles(blocks: BlockCounts, known: dict[Block, float]) -> float:
    """Of all blocks; those that are not known take as long per instruction as the known ones."""
    cycles = sum(blocks.get(block, 0) * each for block, each in known.items())
    covered = sum(blocks.get(block, 0) * len(block.code) for block in known)
    total = sum(times * len(block.code) for block, times in blocks.items())
    return cycles * total / covered if covered else 0.0
