"""The far search in a film: a few windows a frame, so that none pays for the whole picture."""

from __future__ import annotations

from edge_runtime.crop import CropRegion
from edge_runtime.detection.far_search import FarSearch

# In which the whole picture is searched, where that takes no more windows a frame: without a face,
# and while faces are followed.
SWEEP_MS, CALM_SWEEP_MS = 2000.0, 4000.0
MOST_WINDOWS = 3  # a frame


class RollingSearch:
    """Says which windows of the next frame far searches; one instance per film."""

    def __init__(self, far: FarSearch) -> None:
        self.far = far
        self._shape: tuple[int, ...] = ()
        self._windows: list[CropRegion] = []
        self._next = 0
        self._due = 1.0  # windows
        self._time_ms = 0.0

    def next_windows(
        self, frame_shape: tuple[int, ...], time_ms: float, is_calm: bool
    ) -> list[CropRegion]:
        """The windows, none where none is due yet; is_calm: while faces are followed."""
        if frame_shape != self._shape:
            self._shape, self._windows = frame_shape, self.far.windows(frame_shape)
            self._next, self._due, self._time_ms = 0, 1.0, time_ms
        if not self._windows:
            return []
        sweep_ms = CALM_SWEEP_MS if is_calm else SWEEP_MS
        self._due += (time_ms - self._time_ms) / sweep_ms * len(self._windows)
        self._time_ms = time_ms
        count = min(int(self._due), MOST_WINDOWS, len(self._windows))
        # Where frames are too few for all windows, none is searched later to make up for it.
        self._due = min(self._due - count, 1.0)
        places = [(self._next + place) % len(self._windows) for place in range(count)]
        self._next = (self._next + count) % len(self._windows)
        return [self._windows[place] for place in places]
