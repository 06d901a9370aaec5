"""Figures as a reader wants them: three digits that matter, no more."""

from __future__ import annotations


def three_digits(value: float | None) -> str:
    """1234 -> "1234", 9.999 -> "10.0", 0.01234 -> "0.0123"; 0 -> "0", None -> "–"."""
    if value is None:
        return "–"
    # From here on three digits leave no decimals, where "g" would write a lone point or 1.23e+03.
    if abs(value) >= 99.95:
        return f"{value:.0f}"
    return f"{value:#.3g}" if value else "0"


def megabytes(count: float) -> str:
    """Bytes as MB of 10^6 bytes."""
    return f"{count / 1e6:.2f} MB"


def millions(count: float) -> str:
    """A count in millions."""
    return f"{count / 1e6:.2f} M"
