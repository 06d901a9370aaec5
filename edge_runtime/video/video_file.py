"""Frames of a video file, decoded by OpenCV."""

from __future__ import annotations

import sys
from math import isfinite
from pathlib import Path
from typing import Any

import cv2

from edge_runtime.errors import FrameSourceError
from edge_runtime.files.file_kind import is_raw_stream, why_no_file
from edge_runtime.files.orientation import TURNS_BY_DEG, UPRIGHT, turned
from edge_runtime.image_file import from_bgr
from edge_runtime.video.film_header import read_film_header
from edge_runtime.video.frame_source import Frame
from edge_runtime.video.opencv_path import opencv_path

USUAL_FPS = 30.0
MOST_FPS = 480.0  # browsers' recordings claim their clock's 1000
# Reads that may fail one after another before a film counts as over; each passes over at least one
# damaged frame.
MOST_FAILURES = 50


class VideoFile:
    """A `FrameSource`; raises FrameSourceError when the file is absent or no video.

    fps: of a bare H.264 or Motion JPEG stream, which holds no times; None takes FFmpeg's guess.
    Damaged frames are passed over; `read` raises FrameSourceError after the last frame when some
    are missing, and says how many. has_ended: `read` has come to the end.
    """

    is_live = False

    def __init__(self, path: Path, fps: float | None = None) -> None:
        self.path, self.name = path, str(path)
        if complaint := why_no_file(path):
            raise FrameSourceError(complaint)
        try:
            self._header = read_film_header(path)
            self.has_times = not is_raw_stream(path)
            with opencv_path(path) as name:
                self._capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
        except OSError as error:
            raise FrameSourceError(
                f"{path}: cannot be read ({error.strerror}). Check the file's permissions."
            ) from error
        if not self._capture.isOpened():
            raise FrameSourceError(
                f"{path}: not a video that OpenCV can decode, or a damaged one. "
                "Convert it: ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4"
            )
        # OpenCV turns pictures itself, all versions but 4.11.0, and mirrors none.
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
        angle_deg = round(self._capture.get(cv2.CAP_PROP_ORIENTATION_META)) % 360
        self._turn = self._header.turn or TURNS_BY_DEG.get(angle_deg, UPRIGHT)
        told_fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = told_fps if isfinite(told_fps) and 0 < told_fps <= MOST_FPS else USUAL_FPS
        if fps and not self.has_times:
            self.fps = fps
        self.has_ended = False
        self._index = self._failures = 0
        self._time_ms = -1.0

    @property
    def frame_count(self) -> int:
        """Frames as the file's header tells them; 0 where it does not."""
        told = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        return self._header.frame_count or (int(told) if 0 < told < sys.maxsize else 0)

    @property
    def has_sound(self) -> bool | None:
        """Whether there is sound beside the pictures; None where that is not known."""
        return self._header.has_sound

    def read(self) -> Frame | None:
        """The next frame, turned upright by the file's orientation."""
        bgr = self._next_decodable()
        if bgr is None:
            self.has_ended = True
            self._raise_for_losses()
            return None
        image = turned(from_bgr(bgr), self._turn)
        position_ms = self._capture.get(cv2.CAP_PROP_POS_MSEC) if self.has_times else 0.0
        # Some containers repeat a time, or have none.
        if not isfinite(position_ms) or position_ms <= self._time_ms:
            position_ms = self._time_ms + 1e3 / self.fps if self._index else 0.0
        self._time_ms = position_ms
        self._index += 1
        return Frame(image, position_ms, self._index - 1)

    def _next_decodable(self) -> Any | None:
        """BGR pixels (H, W, 3); None when no more come."""
        for failures in range(MOST_FAILURES):
            try:
                is_there, bgr = self._capture.read()
            except cv2.error:
                is_there, bgr = False, None
            if is_there and bgr is not None:
                self._failures += failures
                return bgr
            if self._index and self._index == self._header.frame_count:
                return None
        return None

    def _raise_for_losses(self) -> None:
        announced = self._header.frame_count or 0
        lost = max(self._failures, announced - self._index)
        if lost <= 0 and not self._header.missing_bytes:
            return
        frames = f"{self._index} of {self.frame_count}" if self.frame_count else f"{self._index}"
        why = (
            f"the file ends {self._header.missing_bytes} bytes too early"
            if self._header.missing_bytes
            else f"{lost} cannot be decoded"
        )
        raise FrameSourceError(
            f"{self.name}: damaged: {why}; {frames} frames were read. Copy the file again from "
            "where it was recorded."
        )

    def close(self) -> None:
        """Close the file."""
        self._capture.release()
