"""Frames of a video file, decoded by OpenCV."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import cv2

from edge_runtime.errors import FrameSourceError
from edge_runtime.image_file import from_bgr
from edge_runtime.video.frame_source import Frame

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv", ".3gp"}
)
USUAL_FPS = 30.0
MOST_FPS = 1000.0


class VideoFile:
    """A `FrameSource`; raises FrameSourceError when the file is absent or no video."""

    is_live = False

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        if not path.is_file():
            raise FrameSourceError(f"{path}: no such file. Check the spelling of the path.")
        self._capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise FrameSourceError(
                f"{path}: not a video that OpenCV can decode, or a damaged one. "
                "Convert it: ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4"
            )
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if isfinite(fps) and 0 < fps <= MOST_FPS else USUAL_FPS
        self._index = 0
        self._time_ms = -1.0

    @property
    def frame_count(self) -> int:
        """Frames as the file's header tells them; 0 where it does not."""
        return max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))

    def read(self) -> Frame | None:
        """The next frame, turned upright by the file's orientation."""
        try:
            is_there, bgr = self._capture.read()
            if not is_there:
                return None
            image = from_bgr(bgr)
        except cv2.error as error:
            raise FrameSourceError(
                f"{self.name}: frame {self._index} cannot be decoded ({error.err}). "
                "Convert the video again."
            ) from error
        position_ms = self._capture.get(cv2.CAP_PROP_POS_MSEC)
        # Some containers repeat a time, or have none.
        if not isfinite(position_ms) or position_ms <= self._time_ms:
            position_ms = self._time_ms + 1e3 / self.fps if self._index else 0.0
        self._time_ms = position_ms
        self._index += 1
        return Frame(image, position_ms, self._index - 1)

    def close(self) -> None:
        """Close the file."""
        self._capture.release()
