"""Figures as a reader wants them: three digits that matter, no more."""

from __future__ import annotations


def three_digits(value: float | None) -> str:
    """1234 -> "1234", 12.34 -> "12.3", 0.01234 -> "0.0123"; None -> "–"."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    magnitude = abs(value)
    if magnitude >= 100:
        return f"{value:.0f}"
    decimals = 1 if magnitude >= 10 else 2 if magnitude >= 1 else 3
    while magnitude < 10 ** (-decimals + 2) and decimals < 6 and magnitude < 0.1:
        decimals += 1
    return f"{value:.{decimals}f}"


def megabytes(count: float) -> str:
    """Bytes as MB of 10^6 bytes."""
    return f"{count / 1e6:.2f} MB"


def millions(count: float) -> str:
    """A count in millions."""
    return f"{count / 1e6:.2f} M"
