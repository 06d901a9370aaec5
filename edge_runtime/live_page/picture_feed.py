"""From the newest frame to snapshots: encoded once, and only when somebody asks."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from time import monotonic

from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.live_page.snapshot import Snapshot
from edge_runtime.video.frame_source import Frame

MOST_A_SECOND = 30.0
# What sending a snapshot to one browser takes on a slow core. With many, fewer are sent, so that
# they take a third of a core at most from the tracker.
SEND_S, SEND_SHARE = 0.001, 1 / 3
RATE_WINDOW_S = 2.0


class PictureFeed:
    """Takes frames from the tracker's thread, gives snapshots in the loop's.

    publish: gets each snapshot, in the loop's thread.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        executor: Executor,
        publish: Callable[[Snapshot], None],
    ) -> None:
        self.latest: Snapshot | None = None
        self.viewers = 0
        self._loop, self._executor, self._publish = loop, executor, publish
        self._newest: tuple[Frame, Sequence[FaceLandmarks]] | None = None
        self._times: deque[float] = deque(maxlen=600)
        self._has_come, self._is_wanted = asyncio.Event(), asyncio.Event()
        self._count = 0

    def give(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Take a frame in place of an older one; returns at once. Any thread."""
        self._times.append(monotonic())
        self._newest = (frame, faces)
        if self.viewers and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._has_come.set)

    def ask(self) -> None:
        """Somebody waits for a snapshot of the newest frame that nobody has seen yet."""
        self._is_wanted.set()
        if self._newest is not None:
            self._has_come.set()

    @property
    def is_behind(self) -> bool:
        """Whether there is a newer frame than the latest snapshot."""
        return self._newest is not None

    @property
    def frames_a_second(self) -> float:
        """How many frames have come of late."""
        since = monotonic() - RATE_WINDOW_S
        return sum(time > since for time in tuple(self._times)) / RATE_WINDOW_S

    @property
    def age_s(self) -> float | None:
        """How long ago the newest frame came; None before the first."""
        return monotonic() - self._times[-1] if self._times else None

    async def run(self) -> None:
        """Encode what is asked for, until cancelled."""
        while True:
            await self._is_wanted.wait()
            await self._has_come.wait()
            self._has_come.clear()
            newest, self._newest = self._newest, None
            if newest is None:
                continue
            self._is_wanted.clear()
            next_s = monotonic() + max(1 / MOST_A_SECOND, self.viewers * SEND_S / SEND_SHARE)
            self._count += 1
            self.latest = await self._loop.run_in_executor(
                self._executor, Snapshot.of, self._count, *newest
            )
            self._publish(self.latest)
            del newest
            await asyncio.sleep(max(0.0, next_s - monotonic()))
