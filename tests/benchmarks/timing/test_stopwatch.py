import gc

import pytest

from benchmarks.timing import stopwatch
from benchmarks.timing.stopwatch import overhead_ms, time_calls, warm_up


@pytest.fixture
def clock(monkeypatch):
    """A clock that only moves when it is told to: what is timed takes exactly that long."""
    now_ns = [0]
    monkeypatch.setattr(stopwatch, "perf_counter_ns", lambda: now_ns[0])
    monkeypatch.setattr(stopwatch, "perf_counter", lambda: now_ns[0] / 1e9)

    def take(milliseconds: float) -> None:
        now_ns[0] += round(milliseconds * 1e6)

    return take


def test_runs_by_count_and_by_time(clock):
    assert time_calls(lambda: clock(2), count=7).tolist() == [2.0] * 7
    assert len(time_calls(lambda: clock(2), count=1, seconds=0.05)) == 25
    assert len(time_calls(lambda: clock(2), count=40, seconds=0.05)) == 40


def test_collector_is_off_while_timing_and_back_on_after():
    states: list[bool] = []
    time_calls(lambda: states.append(gc.isenabled()), 2)
    assert states == [False, False] and gc.isenabled()


def test_warm_up_ends_when_steady(clock):
    found = warm_up(lambda: clock(10))
    # Three windows of five calls, each of 50 ms.
    assert (found.calls, found.seconds, found.stable) == (15, 0.15, True)


def test_warm_up_waits_for_a_cold_start_to_pass(clock):
    times = iter([40.0] * 5 + [20.0] * 5 + [10.0] * 100)
    found = warm_up(lambda: clock(next(times)))
    assert found.stable and found.calls == 25


def test_warm_up_gives_up_on_what_never_settles(clock):
    pause = [10.0]

    def slower_and_slower():
        pause[0] *= 1.02
        clock(pause[0])

    found = warm_up(slower_and_slower, limit_seconds=2)
    assert not found.stable and found.seconds >= 2


def test_own_part_is_under_a_hundredth_of_a_fast_model():
    # The fastest released model takes 0.2 ms on any machine known so far.
    assert min(overhead_ms() for _ in range(5)) < 0.002
