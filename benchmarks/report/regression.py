"""Is it slower than before? A report against an earlier one of the same device."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.errors import BenchmarkError
from benchmarks.report.record import Report


@dataclass(frozen=True)
class Change:
    """One figure then and now; ratio is now over then, so above 1 is slower."""

    name: str
    before: float
    now: float
    limit: float

    @property
    def ratio(self) -> float:
        return self.now / self.before

    @property
    def is_regression(self) -> bool:
        return self.ratio > self.limit


def changes(baseline: Report, now: Report, limit: float, on_any_device: bool) -> list[Change]:
    """Medians of every setting, and ratios to a rival, that both reports hold.

    limit: now over before, past which it is a regression. Medians are compared on the same
    processor alone, unless on_any_device; ratios to a rival carry over from one to another.
    Raises BenchmarkError when the reports have nothing in common.
    """
    found = []
    same_device = baseline.device.processor == now.device.processor
    if same_device or on_any_device:
        before = {run.setting: run for run in baseline.latency}
        found += [
            Change(
                f"{run.model} ({run.runtime}, {run.threads} threads, "
                f"XNNPACK {'on' if run.xnnpack else 'off'}), median ms",
                before[run.setting].latency.median_ms,
                run.latency.median_ms,
                limit,
            )
            for run in now.latency
            if run.setting in before
        ]
    rivals = {(one.a, one.b): one for one in baseline.comparisons}
    found += [
        Change(f"{one.a} over {one.b}", rivals[one.a, one.b].ratio.ratio, one.ratio.ratio, limit)
        for one in now.comparisons
        if (one.a, one.b) in rivals
    ]
    if not found:
        raise BenchmarkError(
            f"Nothing to compare: the baseline is of {baseline.device.processor}, this is "
            f"{now.device.processor}, and no comparison is in both. Take a baseline here, or add "
            "--any-device."
        )
    return found
