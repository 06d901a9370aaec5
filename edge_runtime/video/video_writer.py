"""Frames with the landmarks drawn on them, as a video file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

import cv2
import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.atomic_file import PendingFile
from edge_runtime.drawing import Style, draw_landmarks
from edge_runtime.errors import OutputWriteError
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.image_file import to_bgr
from edge_runtime.video.frame_source import Frame
from edge_runtime.video.opencv_path import opencv_path
from edge_runtime.video.video_file import USUAL_FPS

CODECS = {".mp4": "mp4v", ".m4v": "mp4v", ".mov": "mp4v", ".mkv": "mp4v", ".avi": "MJPG"}
# OpenCV tells nobody that a disk is full: stop while the file's index still fits.
FREE_BYTES = 32_000_000
LOOK_AT_DISK_S = 1.0
INSTALL = "pip install 'face520[video]'"
# Longer pauses are shortened to these: of a camera that was away, of a film whose clock jumps.
LONGEST_PAUSE_S, LONGEST_STILL_S = 10.0, 600.0


class VideoWriter:
    """A `FrameSink` through OpenCV: an .mp4, .mov, .mkv (MPEG-4) or .avi (Motion JPEG) file.

    The video keeps the source's pace, at an even fps: a picture is repeated for as long as no other
    came, and left out when the next comes sooner. on_event hears what that did to a film that is
    not live. The file gets its name in `close`, whole. Raises OutputWriteError.
    """

    wants_more = True

    def __init__(
        self,
        path: Path,
        style: Style,
        fps: float = 0.0,
        is_live: bool = False,
        on_event: Callable[[str], None] = lambda message: None,
    ) -> None:
        check_video_name(path)
        self._style, self._fps, self._is_live = style, fps or USUAL_FPS, is_live
        self._on_event = on_event
        self._pending = PendingFile(path)
        self._disk = DiskWatch(path)
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._frames = self._repeated = self._left_out = 0
        self._start_ms = 0.0
        self._last: Uint8Image | None = None

    def write(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Draw the faces on the frame and append it at its time."""
        writer = self._writer or self._open(frame)
        drawn = draw_landmarks(frame.image, faces, self._style)
        bgr = to_bgr(drawn)
        if (frame.image.shape[1], frame.image.shape[0]) != self._size:
            bgr = np.asarray(cv2.resize(bgr, self._size), np.uint8)
        pause = self._place(frame.timestamp_ms) - self._frames
        if pause < 0:
            self._left_out += 1
            return
        last = bgr if self._last is None else self._last
        for picture in [last] * pause + [bgr]:
            writer.write(picture)
        self._frames += pause + 1
        self._repeated += pause
        self._last = bgr
        self._disk.look()

    def _place(self, timestamp_ms: float) -> int:
        """The number, from 0, of the picture that is shown at a time."""
        place = round((timestamp_ms - self._start_ms) * self._fps / 1e3)
        longest_s = LONGEST_PAUSE_S if self._is_live else LONGEST_STILL_S
        latest = self._frames + int(longest_s * self._fps) - 1
        if place > latest:
            self._start_ms += (place - latest) * 1e3 / self._fps
            return latest
        return place

    def close(self) -> list[Path]:
        """Finish the file and check that it can be read; returns it, if there was any frame."""
        if self._writer is None:
            self._pending.discard()
            return []
        self._writer.release()
        self._writer = None
        with opencv_path(self._pending.temporary) as name:
            check = cv2.VideoCapture(name)
        is_whole = check.isOpened() and check.get(cv2.CAP_PROP_FRAME_COUNT) >= self._frames
        check.release()
        if not is_whole:
            self._pending.discard()
            raise unfinished(self._pending.path)
        self._pending.commit()
        if not self._is_live and (self._repeated or self._left_out):
            self._on_event(
                f"{self._pending.path}: the film's frames come at uneven times; this video shows "
                f"{self._fps:.4g} pictures a second ({self._repeated} repeated, {self._left_out} "
                f"left out). An .mp4 or .mkv keeps each frame's time with: {INSTALL}"
            )
        return [self._pending.path]

    def _open(self, frame: Frame) -> cv2.VideoWriter:
        height, width = frame.image.shape[:2]
        self._size, self._start_ms = (width, height), frame.timestamp_ms
        codec = cv2.VideoWriter.fourcc(*CODECS[self._pending.path.suffix.lower()])
        with opencv_path(self._pending.temporary) as name:
            self._writer = cv2.VideoWriter(name, cv2.CAP_FFMPEG, codec, self._fps, self._size)
        if not self._writer.isOpened():
            self._pending.discard()
            raise OutputWriteError(
                f"{self._pending.path}: OpenCV cannot write a {width} x {height} px video there. "
                "Try the ending .avi, or another folder."
            )
        return self._writer


def check_video_name(path: Path) -> None:
    """Raises OutputWriteError for a name whose ending is no kind of video that can be written."""
    if path.suffix.lower() not in CODECS:
        raise OutputWriteError(
            f"{path}: no video can be written with this ending. Use one of {', '.join(CODECS)}."
        )


def unfinished(path: Path) -> OutputWriteError:
    """The error for a video that a writer could not finish, and does not say why."""
    return OutputWriteError(
        f"{path}: the video could not be finished, most likely because the disk is full. "
        "Choose another folder with --output."
    )


class DiskWatch:
    """Looks now and then whether there is room for more of a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked_at = monotonic()

    def look(self) -> None:
        """Raises OutputWriteError when the disk is nearly full."""
        if monotonic() - self._looked_at < LOOK_AT_DISK_S:
            return
        self._looked_at = monotonic()
        if shutil.disk_usage(self._path.parent).free < FREE_BYTES:
            raise OutputWriteError(
                f"{self._path}: the disk is nearly full; the video ends here. "
                "Choose another folder with --output."
            )
