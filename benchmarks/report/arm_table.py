"""Bounds and estimates for ARM cores, and beside them what real devices with those cores took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.machine_code.arm_time import ESTIMATE_LABEL, LEFT_OUT
from benchmarks.operators.arm_count import ArmCount, ArmRecord
from benchmarks.report.markdown import markdown_table
from benchmarks.report.number_format import three_digits
from benchmarks.report.record import Report

HEADER = (
    "model", "core", "machine", "GHz", "at least, ms", "estimate, ms", "measured, ms",
    "measured / estimate",
)  # fmt: skip
ABSENT = "–"


@dataclass(frozen=True)
class Measured:
    """The median of one thread, or the mean where a tool gives no median."""

    device: str
    clock_ghz: float
    milliseconds: float


def arm_table(record: ArmRecord, reports: Sequence[Report]) -> str:
    """A row for each model, core and board, and one for each device with that core.

    A device's row has bound and estimate at its own clock. An estimate is marked as one everywhere.
    """
    rows = list[tuple[str, ...]]()
    for one in record.counts:
        for time in one.times:
            figures = three_digits(time.bound_ms), _marked(time.estimate_ms)
            rows.append(
                (one.model, one.core, time.board, f"{time.clock_ghz:g}", *figures, ABSENT, ABSENT)
            )
        rows += [_measured_row(one, found) for found in _measured(one, reports)]
    return (
        f'ARM: {ESTIMATE_LABEL}, unless a figure stands under "measured". One thread; '
        f"{record.runtime}, {record.estimated_by}. {LEFT_OUT}\n\n{markdown_table(HEADER, rows)}\n"
    )


def _measured_row(one: ArmCount, found: Measured) -> tuple[str, ...]:
    time = one.times[0]
    scale = time.clock_ghz / found.clock_ghz
    estimate = None if time.estimate_ms is None else time.estimate_ms * scale
    ratio = ABSENT if estimate is None else f"{found.milliseconds / estimate:.2f} x"
    return (
        one.model,
        one.core,
        found.device,
        f"{found.clock_ghz:g}",
        three_digits(time.bound_ms * scale),
        _marked(estimate),
        f"**{three_digits(found.milliseconds)}**",
        ratio,
    )


def _measured(one: ArmCount, reports: Sequence[Report]) -> Iterator[Measured]:
    """By devices that have this core and no faster one of those that are counted on.

    A device that does not tell its clock cannot be compared.
    """
    for report in reports:
        # /proc/cpuinfo names small cores first; a single thread runs on the large ones.
        if report.device.arm_cores[-1:] != (one.core,):
            continue
        taken = [
            (run.latency.median_ms, report.device.max_mhz)
            for run in report.latency
            if run.model == one.model and run.threads == 1 and run.xnnpack
        ]
        taken += [
            (
                run.run.mean_ms if run.run.median_ms is None else run.run.median_ms,
                report.device.max_mhz or run.after.mhz,
            )
            for run in report.android
            if run.model == one.model and run.threads == 1
        ]
        for milliseconds, mhz in taken[:1]:
            if mhz:
                yield Measured(report.device.name, mhz / 1e3, milliseconds)


def _marked(estimate_ms: float | None) -> str:
    return ABSENT if estimate_ms is None else f"≈ {three_digits(estimate_ms)}"
