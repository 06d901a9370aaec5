"""Fifty browsers at once: the tracker does not notice, and memory stays as it is.

Ten seconds here; the long form prints what it measured:

    FACE520_BROWSERS_S=60 python -m pytest -s tests/edge_runtime/live_page/test_many_browsers.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.edge_runtime.live_page.made_up_show import Show

SECONDS = float(os.environ.get("FACE520_BROWSERS_S", 10))
PROGRAM = Path(__file__).with_name("many_browsers.py")
BROWSERS, MUTE_EVERY = 50, 10  # of so many, one asks and never reads
START_S, ALONE_S = 3.0, 3.0
GROWTH_BYTES = 15_000_000


class Watch:
    """A `FrameSink` before the page: how long after the camera frames come."""

    wants_more = True

    def __init__(self, show: Show) -> None:
        self.late_ms: list[float] = []
        self._show = show

    def write(self, frame, faces) -> None:
        age_ms = (time.monotonic() - self._show.camera._start) * 1e3 - frame.timestamp_ms
        self.late_ms.append(age_ms)

    def close(self) -> list[Path]:
        return []


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_fifty_browsers(tmp_path, lively_face):
    pytest.importorskip("aiohttp")
    show = Show(tmp_path, lively_face, work_s=0.01)
    watch = Watch(show)
    show.pipeline._sinks = [watch, show.page]
    command = [sys.executable, PROGRAM, show.link, str(BROWSERS), str(MUTE_EVERY)]
    try:
        time.sleep(ALONE_S)
        alone = watch.late_ms[10:]
        clients = subprocess.Popen([*command, str(SECONDS + START_S)], stdout=subprocess.PIPE)
        time.sleep(START_S)
        first, memory = len(watch.late_ms), [resident_bytes()]
        while clients.poll() is None:
            time.sleep(0.5)
            memory.append(resident_bytes())
        watched = watch.late_ms[first:]
        got = json.loads(clients.stdout.read())
        encoded = show.feed.latest.number
    finally:
        show.end()
    growth = max(memory) - memory[0]
    medians = np.median(alone), np.median(watched)
    print(
        f"{BROWSERS} browsers, {SECONDS:.0f} s: a frame's median way to the page "
        f"{medians[0]:.1f} ms alone, {medians[1]:.1f} ms watched; "
        f"p95 {np.percentile(alone, 95):.1f}, {np.percentile(watched, 95):.1f} ms; "
        f"{len(watched)} frames, {encoded} encoded; frames a browser {min(got)} to {max(got)}; "
        f"memory {growth / 1e6:+.1f} MB"
    )
    assert len(got) == BROWSERS - BROWSERS // MUTE_EVERY
    assert min(got) >= 0.3 * max(got) and min(got) > SECONDS, "nobody is left out"
    assert encoded < len(watch.late_ms), "not even each frame is encoded"
    assert medians[1] < medians[0] + 25, "the tracker does not wait"
    assert growth < GROWTH_BYTES
