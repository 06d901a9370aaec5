"""What a machine tells of its clock, heat and throttling; what is absent is listed."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Bits of `vcgencmd get_throttled` (raspberrypi.com/documentation/computers/os.html#get_throttled);
# 16 to 19 are the same four since the last boot.
THROTTLE_BITS = {
    0: "under-voltage",
    1: "clock capped",
    2: "throttled",
    3: "soft temperature limit",
}
SINCE_BOOT_SHIFT = 16


@dataclass(frozen=True)
class SensorReading:
    """One look at all sensors; None for one that is absent.

    mhz: clock of the fastest core. celsius: the hottest zone. throttled: names of THROTTLE_BITS.
    """

    mhz: float | None
    celsius: float | None
    throttled: tuple[str, ...] | None


class Sensors:
    """Reads cpufreq, thermal zones and a Raspberry Pi's firmware. root: "/" but for tests."""

    def __init__(self, root: Path = Path("/"), vcgencmd: str | None = None) -> None:
        self._cpu = root / "sys/devices/system/cpu"
        self._zones = sorted((root / "sys/class/thermal").glob("thermal_zone*/temp"))
        self._clocks = sorted(self._cpu.glob("cpu[0-9]*/cpufreq/scaling_cur_freq"))
        self._vcgencmd = vcgencmd or shutil.which("vcgencmd")

    def read(self) -> SensorReading:
        """The state now. A sensor that fails to answer counts as absent this time."""
        clocks = [value for path in self._clocks if (value := _number(path)) is not None]
        heats = [value for path in self._zones if (value := _number(path)) is not None]
        return SensorReading(
            mhz=max(clocks) / 1e3 if clocks else None,
            celsius=max(heats) / 1e3 if heats else None,
            throttled=self._throttled(),
        )

    @property
    def absent(self) -> tuple[str, ...]:
        """Which sensors this machine lacks, and where they were looked for."""
        now = self.read()
        lacking = {
            "CPU clock: no cpu*/cpufreq/scaling_cur_freq, as in most virtual machines": now.mhz,
            "temperature: no readable thermal_zone*/temp": now.celsius,
            "throttling: no vcgencmd (Raspberry Pi firmware)": now.throttled,
        }
        return tuple(name for name, value in lacking.items() if value is None)

    @property
    def governors(self) -> tuple[str, ...]:
        """The cpufreq governors in use, each once; empty where there is no cpufreq."""
        paths = self._cpu.glob("cpu[0-9]*/cpufreq/scaling_governor")
        return tuple(sorted({text for path in paths if (text := _text(path))}))

    @property
    def max_mhz(self) -> float | None:
        """Highest clock that cpufreq allows."""
        paths = self._cpu.glob("cpu[0-9]*/cpufreq/cpuinfo_max_freq")
        clocks = [value for path in paths if (value := _number(path)) is not None]
        return max(clocks) / 1e3 if clocks else None

    def _throttled(self) -> tuple[str, ...] | None:
        if not self._vcgencmd:
            return None
        try:
            answer = subprocess.run(
                [self._vcgencmd, "get_throttled"], capture_output=True, text=True, timeout=5
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return throttled_names(answer.stdout)


def throttled_names(answer: str) -> tuple[str, ...] | None:
    """What "throttled=0x50005" means now, without what has been since boot; None if unreadable."""
    found = re.search(r"throttled=0x([0-9a-fA-F]+)", answer)
    if not found:
        return None
    bits = int(found.group(1), 16)
    return tuple(name for bit, name in THROTTLE_BITS.items() if bits >> bit & 1)


def _number(path: Path) -> float | None:
    try:
        return float(_text(path) or "")
    except ValueError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
