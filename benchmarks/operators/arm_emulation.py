"""A 64-bit ARM machine under qemu-user, in which the instructions of a model are counted."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.arm_cores import ArmCore
from benchmarks.errors import BenchmarkError, DeviceError
from benchmarks.machine_code.arm_code import (
    ArmInstructions,
    BlockCounts,
    added_by_a_call,
    blocks_of_processes,
)
from benchmarks.operators.instruction_count import COUNTED_PROCESS, FIRST_CALLS, RUNTIME
from benchmarks.tool import TRY_IDLE, build_library, run_tool

PLUGIN_SOURCE = Path(__file__).parent / "arm_instruction_plugin.c"
# As tests/arm/prepare.sh lays them out.
DEFAULT_FOLDER = Path("build/arm")
QEMU = Path("qemu/usr/bin/qemu-aarch64")
ROOT = "root-arm64"
PACKAGES = ("site-aarch64", "site-litert")
COUNTED_CALLS = 1
# Of one process, and for each of its models: one takes some 5 s of CPU time, and about a minute
# for one cut after each operator. Where others kept all cores busy, the 5 s lasted three minutes.
QEMU_SECONDS, QEMU_SECONDS_A_MODEL = 300, 30
# A fork of qemu now and then waits for a lock that a thread held which the fork does not have.
TRIES = 2
KILLED = (-9, 137)


@dataclass(frozen=True)
class ArmEmulation:
    """qemu, an ARM root file system with Python and LiteRT, and the plugin that counts."""

    folder: Path
    plugin: Path

    @classmethod
    @contextmanager
    def start(cls, folder: Path = DEFAULT_FOLDER) -> Iterator[ArmEmulation]:
        """Build the plugin for as long as it is needed.

        folder: made by tests/arm/prepare.sh. Raises BenchmarkError when it or a compiler is absent.
        """
        if not (folder / QEMU).is_file():
            raise BenchmarkError(
                f"{folder}: no emulated ARM machine in it. Run in the repository (needs Debian's "
                "apt-get): bash tests/arm/prepare.sh"
            )
        with TemporaryDirectory() as scratch:
            yield cls(folder.absolute(), build_library(PLUGIN_SOURCE, Path(scratch)))

    @property
    def runtime(self) -> str:
        """The LiteRT that runs in it."""
        found = distributions(name=RUNTIME, path=[str(self.folder / PACKAGES[1])])
        return f"{RUNTIME} {next((one.version for one in found), 'unknown')}"

    def count(self, model: Path, core: ArmCore) -> ArmInstructions:
        """Instructions of one inference. Raises DeviceError when the model does not run."""
        return ArmInstructions.of(self.count_blocks([model], core)[0])

    def count_blocks(self, models: Sequence[Path], core: ArmCore) -> tuple[BlockCounts, ...]:
        """Blocks of one inference of each model, all in one process: addresses stay the same.

        Raises DeviceError when a model does not run.
        """
        process = [str(COUNTED_PROCESS), str(FIRST_CALLS), str(COUNTED_CALLS)]
        files = [str(model.absolute()) for model in models]
        with TemporaryDirectory() as prefix:
            self._lay_out(Path(prefix), core)
            command = [*self._command(Path(prefix), core), *process, *files]
            seconds = QEMU_SECONDS + QEMU_SECONDS_A_MODEL * len(models)
            done = _run_with_forks(
                command, seconds, f"{models[-1].name} on an emulated {core.name}"
            )
        processes, others = blocks_of_processes(done.stderr)
        if done.returncode or len(processes) != 2 * len(models):
            reason = others[-1].strip() if others else f"exit code {done.returncode}"
            raise DeviceError(
                f"{models[0]}: does not run on an emulated {core.name} ({reason}). "
                "Make the machine anew: delete its folder, then bash tests/arm/prepare.sh"
            )
        return added_by_a_call(processes)

    def _lay_out(self, prefix: Path, core: ArmCore) -> None:
        """A root file system whose /proc/cpuinfo names the core, by which XNNPACK picks kernels."""
        for name in ("usr", "lib"):
            (prefix / name).symlink_to(self.folder / ROOT / name)
        (prefix / "proc").mkdir()
        (prefix / "proc/cpuinfo").write_text("".join(_cpuinfo(core, index) for index in range(4)))

    def _command(self, prefix: Path, core: ArmCore) -> list[str]:
        libraries = next((self.folder / "qemu/usr/lib").glob("*-linux-gnu"))
        packages = ":".join(str(self.folder / name) for name in PACKAGES)
        guest = {
            # A random hash seed would change the length of Python's own start.
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": packages,
            "PYTHONDONTWRITEBYTECODE": "1",
            "LD_LIBRARY_PATH": "",
        }
        return [
            *("env", f"LD_LIBRARY_PATH={libraries}", str(self.folder / QEMU)),
            *("-cpu", core.instruction_set, "-L", str(prefix)),
            *("-plugin", str(self.plugin), "-d", "plugin"),
            *(word for name, value in guest.items() for word in ("-E", f"{name}={value}")),
            str(self.folder / ROOT / "usr/bin/python3.11"),
        ]


def _run_with_forks(
    command: Sequence[str], seconds: float, called: str
) -> subprocess.CompletedProcess[str]:
    """Run qemu to its end, once more where it has none; what it forked ends with it."""
    for _ in range(TRIES):
        limited = ["timeout", "--signal=KILL", str(seconds), *command]
        done = run_tool(limited, 2 * seconds, called=called)
        if done.returncode not in KILLED:
            return done
    raise DeviceError(f"{called}: no end after {seconds:g} s, {TRIES} times. {TRY_IDLE}")


def _cpuinfo(core: ArmCore, index: int) -> str:
    return (
        f"processor\t: {index}\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n"
        f"CPU architecture: 8\nCPU variant\t: {core.variant:#x}\n"
        f"CPU part\t: {core.part:#x}\nCPU revision\t: {core.revision}\n\n"
    )
