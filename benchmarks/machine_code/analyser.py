"""Cycles that LLVM's machine-code analyser expects of a program's hot blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import DeviceError
from benchmarks.machine_code.arm_code import Block, BlockCounts
from benchmarks.tool import last_line, run_tool

# Blocks are looked at from the hottest on until they hold this share of the instructions.
COVERED_SHARE = 0.99
REPEATS = 100
LLVM_SECONDS = 120
AARCH64, X86_64 = "aarch64-linux-gnu", "x86_64-linux-gnu"
# What no program runs on its way, to tell the pieces apart: BRK #1, INT3.
BREAKPOINTS = {AARCH64: (b"\x20\x00\x20\xd4", "brk"), X86_64: (b"\xcc", "int3")}
MOVES_ON = re.compile(
    r"\[(?P<after>x\d+|sp)\], (?P<step>#-?\d+|x\d+)$|\[(?P<before>x\d+|sp), (?P<first>#-?\d+)\]!$"
)
VERSION = re.compile(r"LLVM version (\S+)")


@dataclass(frozen=True)
class ScheduledCore:
    """A core as LLVM knows it.

    triple, cpu: as its tools have them. decoded: instructions that its front end takes in a cycle.
    is_in_order: its kernels are put in order by hand, beyond what LLVM's tables know.
    """

    triple: str
    cpu: str
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

        On a core that works out of order, a block that jumps back to its own start is simulated as
        that loop. Of other blocks such a core runs several at a time, so that they cost what their
        instructions take of its pipes; the same is taken for cores that work in order, whose
        kernels are written so, and whose stalls are thus left out. No block is faster than the
        front end. Every load hits the nearest cache.
        """
        hot = hot_blocks(blocks)
        source = list[str]()
        for index, lines in enumerate(self._assembler(hot, core)):
            source += [f"# LLVM-MCA-BEGIN {index}", *lines, "# LLVM-MCA-END"]
        options = [f"-mtriple={core.triple}", f"-mcpu={core.cpu}"]
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
            is_simulated = block.is_loop and not core.is_in_order
            front_end = len(block.code) / core.decoded
            found[block] = max(simulated if is_simulated else by_pipes, front_end)
        return found

    def _assembler(self, blocks: Sequence[Block], core: ScheduledCore) -> list[list[str]]:
        """The lines of each block."""
        breakpoint_code, breakpoint_name = BREAKPOINTS[core.triple]
        pieces = [code for block in blocks for code in (*block.code, breakpoint_code)]
        text = "".join(" ".join(f"{byte:#04x}" for byte in code) + "\n" for code in pieces)
        attributes = ["-mattr=+all"] if core.triple == AARCH64 else []
        options = ["-disassemble", f"-triple={core.triple}", *attributes]
        found, lines = [], list[str]()
        for line in self._run("llvm-mc", options, text).splitlines():
            if line.split()[:1] == [breakpoint_name]:
                found.append(lines)
                lines = []
            elif line.strip() and not line.strip().startswith("."):
                lines += _split(line) if core.triple == AARCH64 else [line]
        if len(found) != len(blocks):
            raise DeviceError(
                f"llvm-mc: read {len(found)} of {len(blocks)} pieces of code. "
                "Take the LLVM of tests/arm/prepare.sh."
            )
        return found

    def _run(self, tool: str, options: Sequence[str], text: str) -> str:
        path = f"LD_LIBRARY_PATH={':'.join(map(str, self.libraries))}"
        command = ["env", path, str(self.folder / tool), *options]
        done = run_tool(command, LLVM_SECONDS, text.encode(), called=tool)
        if done.returncode:
            raise DeviceError(f"{tool}: {last_line(done)} Take the LLVM of tests/arm/prepare.sh.")
        return done.stdout


def _split(line: str) -> list[str]:
    """A load or store that moves its address on becomes two lines, access and addition.

    Arm's guides give the new address after one cycle; LLVM's tables of the A53, A55 and A57 let it
    wait for what is loaded.
    """
    moved = MOVES_ON.search(line)
    if not moved:
        return [line]
    register, step = moved["after"] or moved["before"], moved["step"] or moved["first"]
    addition = f"add {register}, {register}, {step}".replace(", #-", ", #")
    if "#-" in step:
        addition = addition.replace("add", "sub", 1)
    access = line[: moved.start()] + f"[{register}]"
    return [access, addition] if moved["after"] else [addition, access]


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
