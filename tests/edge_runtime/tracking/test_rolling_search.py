"""Which windows of a film's frames are searched: each in its turn, few a frame."""

import pytest

from edge_runtime.detection.blazeface import BlazeFace
from edge_runtime.detection.far_search import FarSearch
from edge_runtime.tracking.rolling_search import (
    CALM_SWEEP_MS,
    MOST_WINDOWS,
    SWEEP_MS,
    RollingSearch,
)

FULL_HD, FRAME_MS = (1080, 1920, 3), 1000 / 30


@pytest.fixture(scope="module")
def far() -> FarSearch:
    return FarSearch(BlazeFace())


@pytest.mark.parametrize(("is_calm", "sweep_ms"), [(False, SWEEP_MS), (True, CALM_SWEEP_MS)])
def test_a_sweep_visits_every_window_once(far, is_calm, sweep_ms):
    rolling, windows = RollingSearch(far), far.windows(FULL_HD)
    seen, frames = [], 0
    while len(seen) < len(windows):
        now = rolling.next_windows(FULL_HD, frames * FRAME_MS, is_calm)
        assert len(now) <= MOST_WINDOWS
        seen += now
        frames += 1
    assert seen[: len(windows)] == windows
    assert frames * FRAME_MS == pytest.approx(sweep_ms, abs=2 * FRAME_MS)


def test_a_pause_is_not_made_up_for(far):
    rolling = RollingSearch(far)
    rolling.next_windows(FULL_HD, 0, False)
    after_a_minute = [rolling.next_windows(FULL_HD, 60_000 + 10 * t, False) for t in range(5)]
    assert [len(windows) for windows in after_a_minute] == [MOST_WINDOWS, 1, 1, 1, 1]


def test_small_pictures_have_no_windows_and_others_start_anew(far):
    rolling = RollingSearch(far)
    assert rolling.next_windows((100, 128, 3), 0, False) == []
    for time_ms in (33, 66):
        rolling.next_windows(FULL_HD, time_ms, False)
    assert rolling.next_windows((480, 640, 3), 99, False) == far.windows((480, 640, 3))[:1]
