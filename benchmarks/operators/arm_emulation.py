"""A 64-bit ARM machine under qemu-user, in which the instructions of a model are counted."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.errors import BenchmarkError, DeviceError
from benchmarks.operators.instruction_count import COUNTED_PROCESS, FIRST_CALLS, RUNTIME
from benchmarks.tool import last_line, run_tool

PLUGIN_SOURCE = Path(__file__).parent / "arm_instruction_plugin.c"
# As tests/arm/prepare.sh lays them out.
DEFAULT_FOLDER = Path("build/arm")
QEMU = Path("qemu/usr/bin/qemu-aarch64")
ROOT = "root-arm64"
PACKAGES = ("site-aarch64", "site-litert")
COUNTED_CALLS = 4
QEMU_SECONDS = 300
LINE = re.compile(r"executed (\d+) dot (\d+) widening (\d+) fused (\d+)")


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


@dataclass(frozen=True)
class ArmInstructions:
    """Instructions of one inference, and among them the vector multiplications.

    dot_products: SDOT, UDOT (16 products of 8 bits). widening: SMULL, SMLAL and unsigned (8 or 4).
    fused: FMLA (4 products of float32). They tell which kernels ran.
    """

    executed: int
    dot_products: int
    widening: int
    fused: int

    @property
    def multiplies_by(self) -> str:
        """The instruction that multiplies most often."""
        kinds = {"SDOT": self.dot_products, "SMLAL": self.widening, "FMLA": self.fused}
        return max(kinds, key=lambda kind: kinds[kind]) if any(kinds.values()) else "–"


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
        if not shutil.which("gcc"):
            raise BenchmarkError("gcc: not installed. Run: sudo apt-get install gcc libc6-dev")
        with TemporaryDirectory() as scratch:
            plugin = Path(scratch) / "plugin.so"
            flags = ["-O2", "-shared", "-fPIC", "-o", str(plugin)]
            done = run_tool(["gcc", *flags, str(PLUGIN_SOURCE)], QEMU_SECONDS)
            if done.returncode:
                raise BenchmarkError(f"{PLUGIN_SOURCE}: gcc cannot build it ({last_line(done)}).")
            yield cls(folder.absolute(), plugin)

    @property
    def runtime(self) -> str:
        """The LiteRT that runs in it."""
        found = distributions(name=RUNTIME, path=[str(self.folder / PACKAGES[1])])
        return f"{RUNTIME} {next((one.version for one in found), 'unknown')}"

    def count(self, model: Path, core: ArmCore) -> ArmInstructions:
        """Instructions of one inference. Raises DeviceError when the model does not run."""
        process = [str(COUNTED_PROCESS), str(model.absolute()), str(FIRST_CALLS)]
        with TemporaryDirectory() as prefix:
            self._lay_out(Path(prefix), core)
            command = self._command(Path(prefix), core)
            done = run_tool([*command, *process, str(COUNTED_CALLS)], QEMU_SECONDS)
        totals = sorted(tuple(map(int, line)) for line in LINE.findall(done.stderr))
        if done.returncode or len(totals) != 2:
            raise DeviceError(
                f"{model}: does not run on an emulated {core.name} ({last_line(done)}). "
                "Make the machine anew: delete its folder, then bash tests/arm/prepare.sh"
            )
        parent, child = totals
        return ArmInstructions(*(round((b - a) / COUNTED_CALLS) for a, b in zip(parent, child)))

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


def _cpuinfo(core: ArmCore, index: int) -> str:
    return (
        f"processor\t: {index}\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n"
        f"CPU architecture: 8\nCPU variant\t: {core.variant:#x}\n"
        f"CPU part\t: {core.part:#x}\nCPU revision\t: {core.revision}\n\n"
    )
