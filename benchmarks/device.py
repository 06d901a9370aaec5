"""What a figure was measured on: without it, it means nothing."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import sleep

from benchmarks.arm_cores import cores_in
from edge_runtime.files.git_revision import git_revision
from edge_runtime.live_page.sensors import Sensors

PACKAGES = (
    "ai-edge-litert",
    "tflite-runtime",
    "tensorflow",
    "mediapipe",
    "numpy",
    "opencv-python-headless",
    "face520",
)
BUSY_WINDOW_SECONDS = 0.5
# A core that others use for more than this is not quiet; the report says so at its head.
QUIET_BELOW_PERCENT = 5.0


@dataclass(frozen=True)
class DeviceRecord:
    """The machine, its system and the versions in use.

    busy_percent: CPU time that others took in the half second before measuring, 100 being all
    cores; None where the system does not tell. arm_cores: the kinds of cores among those of
    ARM_CORES, in the system's order.
    """

    name: str
    machine: str
    processor: str
    cores: int
    memory_mb: float | None
    system: str
    kernel: str
    governors: tuple[str, ...]
    max_mhz: float | None
    python: str
    packages: dict[str, str]
    git_revision: str
    busy_percent: float | None
    absent_sensors: tuple[str, ...]
    arm_cores: tuple[str, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Whether figures may be published; not so where a machine does not tell."""
        return self.busy_percent is not None and self.busy_percent < QUIET_BELOW_PERCENT


def this_device(name: str = "", root: Path = Path("/"), instruction_set: str = "") -> DeviceRecord:
    """Describe this machine. name: what tables call it; the processor where it is empty.

    instruction_set: beyond which the processor is hidden; it is a part of both names then.
    """
    sensors = Sensors(root)
    limited = f", {instruction_set} alone" if instruction_set else ""
    processor = _processor(root) + limited
    return DeviceRecord(
        name=name + limited if name else processor,
        machine=platform.machine(),
        processor=processor,
        cores=os.cpu_count() or 1,
        memory_mb=_memory_mb(root),
        system=_system(root),
        kernel=platform.release(),
        governors=sensors.governors,
        max_mhz=sensors.max_mhz,
        python=platform.python_version(),
        packages=_packages(),
        git_revision=git_revision(),
        busy_percent=busy_percent(),
        absent_sensors=sensors.absent,
        arm_cores=_arm_cores(root),
    )


def busy_percent(window_seconds: float = BUSY_WINDOW_SECONDS) -> float | None:
    """Share of all cores' time that was not idle while this process slept."""
    before = cpu_seconds()
    sleep(window_seconds)
    after = cpu_seconds()
    if before is None or after is None or after.total == before.total:
        return None
    return 100 * (after.busy - before.busy) / (after.total - before.total)


@dataclass(frozen=True)
class CpuSeconds:
    """Time of all cores since the start of the machine."""

    busy: float
    total: float


def cpu_seconds() -> CpuSeconds | None:
    """What /proc/stat tells (proc(5)); None where there is none."""
    try:
        fields = [
            int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]
        ]
    except (OSError, ValueError):
        return None
    per_second = os.sysconf("SC_CLK_TCK")
    total = sum(fields)
    return CpuSeconds((total - fields[3] - fields[4]) / per_second, total / per_second)


def _processor(root: Path) -> str:
    # A Raspberry Pi's model says more than the "Cortex-A72" of its cores.
    try:
        return (root / "proc/device-tree/model").read_text().rstrip("\0\n")
    except OSError:
        pass
    try:
        lines = (root / "proc/cpuinfo").read_text().splitlines()
        return next(
            line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
        )
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _arm_cores(root: Path) -> tuple[str, ...]:
    try:
        return cores_in((root / "proc/cpuinfo").read_text())
    except OSError:
        return ()


def _memory_mb(root: Path) -> float | None:
    try:
        first = (root / "proc/meminfo").read_text().split("\n")[0]
        return int(first.split()[1]) * 1024 / 1e6
    except (OSError, ValueError, IndexError):
        return None


def _system(root: Path) -> str:
    try:
        lines = (root / "etc/os-release").read_text().splitlines()
        names = [line.split("=", 1)[1] for line in lines if line.startswith("PRETTY_NAME=")]
        return names[0].strip('"')
    except (OSError, IndexError):
        return platform.system()


def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
