"""Memory of this process as Linux counts it."""

from __future__ import annotations

from pathlib import Path

STATUS = Path("/proc/self/status")


def resident_mb() -> float | None:
    """Resident memory in MB (10^6 bytes) now; None where /proc does not tell."""
    return _field_mb("VmRSS")


def peak_resident_mb() -> float | None:
    """Highest resident memory so far in MB; None where /proc does not tell."""
    return _field_mb("VmHWM")


def _field_mb(name: str) -> float | None:
    try:
        for line in STATUS.read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024 / 1e6
    except (OSError, ValueError, IndexError):
        pass
    return None
