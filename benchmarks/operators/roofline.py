"""How fast a core could run a model at the very best: arithmetic, never a measurement."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.operators.core_table import CORES, Core
from benchmarks.operators.operators import Operator, OperatorTable

# Share of a core's peak that XNNPACK reached in its authors' own figures: MobileNetV1 (569 M MAC,
# arXiv:1704.04861, table 8) in 88 ms in one thread of a Pixel 3a, 6.5 G MAC/s of the 16 that two
# pipes of 4 lanes make at the 2.0 GHz of its Snapdragon 670 (github.com/google/XNNPACK, README,
# figures of 27 March 2020; androidcentral.com, Snapdragon 670, for the clock).
SHARE_OF_PEAK = 0.40


@dataclass(frozen=True)
class Bound:
    """Times of one core for one inference; the estimate is the bound over SHARE_OF_PEAK."""

    model: str
    core: str
    board: str
    lower_bound_ms: float
    estimate_ms: float


def lower_bound_ms(table: OperatorTable, core: Core) -> float:
    """No program can be faster on this one core.

    Each operator takes at least its MACs at the core's peak. Parameters beyond the largest cache
    must come from memory every time, at its peak; activations are taken to stay in the cache.
    """
    compute = sum(op.macs / core.macs_per_second(op.dtype == "int8") for op in table.operators)
    beyond = max(table.parameter_bytes - core.cache_mb.value * 1e6, 0)
    return max(compute, beyond / (core.memory_gb_s.value * 1e9)) * 1e3


def bounds(table: OperatorTable, cores: tuple[Core, ...] = CORES) -> tuple[Bound, ...]:
    """The bound on every core of the table."""
    found = []
    for core in cores:
        bound_ms = lower_bound_ms(table, core)
        found.append(Bound(table.model, core.name, core.board, bound_ms, bound_ms / SHARE_OF_PEAK))
    return tuple(found)


def intensity(operator: Operator) -> float | None:
    """MACs per byte moved; None for an operator without MACs."""
    moved = operator.parameter_bytes + operator.activation_bytes
    return operator.macs / moved if operator.macs and moved else None
