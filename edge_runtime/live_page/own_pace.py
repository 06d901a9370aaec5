"""A film shown as fast as it was taken, from when somebody looks on."""

from __future__ import annotations

from time import monotonic

from edge_runtime.live_page.live_page import LivePage
from edge_runtime.video.frame_source import Frame, FrameSource


class OwnPace:
    """A `FrameSource` that gives each frame of another not before its time.

    Its clock starts when the page has a browser; a slow tracker shows the film more slowly.
    """

    is_live = False

    def __init__(self, source: FrameSource, page: LivePage) -> None:
        self.name, self.fps = source.name, source.fps
        self._source, self._page = source, page
        self._start_s: float | None = None

    def read(self) -> Frame | None:
        """The next frame, at its time. Raises FrameSourceError."""
        if self._start_s is None and not self._page.wait_for_browser():
            return None
        frame = self._source.read()
        if frame is not None:
            now = monotonic()
            if self._start_s is None:
                self._start_s = now - frame.timestamp_ms / 1e3
            due = self._start_s + frame.timestamp_ms / 1e3
            if due > now:
                self._page.wait(due - now)
            else:
                self._start_s += now - due
        return frame

    def close(self) -> None:
        """Let go of the film."""
        self._source.close()
