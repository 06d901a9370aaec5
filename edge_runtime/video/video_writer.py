"""Frames with the landmarks drawn on them, as a video file."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import cv2
import numpy as np

from edge_runtime.atomic_file import PendingFile
from edge_runtime.drawing import Style, draw_landmarks
from edge_runtime.errors import OutputWriteError
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.image_file import to_bgr
from edge_runtime.video.frame_source import Frame
from edge_runtime.video.video_file import USUAL_FPS

CODECS = {".mp4": "mp4v", ".m4v": "mp4v", ".mov": "mp4v", ".mkv": "mp4v", ".avi": "MJPG"}
# OpenCV tells nobody that a disk is full: stop while the file's index still fits.
FREE_BYTES = 32_000_000
LOOK_AT_DISK_S = 1.0
LONGEST_PAUSE_S = 10.0  # a longer one in a live source is shortened to this


class VideoWriter:
    """A `FrameSink`: an .mp4, .mov, .mkv (MPEG-4) or .avi (Motion JPEG) file.

    The video keeps the source's pace: is_live repeats a frame for as long as no other came. The
    file gets its name in `close`, whole. Raises OutputWriteError.
    """

    wants_more = True

    def __init__(self, path: Path, style: Style, fps: float = 0.0, is_live: bool = False) -> None:
        if path.suffix.lower() not in CODECS:
            raise OutputWriteError(
                f"{path}: no video can be written with this ending. Use one of {', '.join(CODECS)}."
            )
        self._style, self._fps, self._is_live = style, fps or USUAL_FPS, is_live
        self._pending = PendingFile(path)
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._frames = 0
        self._start_ms = 0.0
        self._looked_at_disk = monotonic()

    def write(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Draw the faces on the frame and append it."""
        writer = self._writer or self._open(frame)
        due = self._frames + 1
        if self._is_live:
            elapsed = int((frame.timestamp_ms - self._start_ms) * self._fps / 1e3) + 1
            due = min(elapsed, self._frames + int(LONGEST_PAUSE_S * self._fps))
            if due < elapsed:
                self._start_ms += (elapsed - due) * 1e3 / self._fps
        drawn = draw_landmarks(frame.image, faces, self._style)
        bgr = to_bgr(drawn)
        if (frame.image.shape[1], frame.image.shape[0]) != self._size:
            bgr = np.asarray(cv2.resize(bgr, self._size), np.uint8)
        while self._frames < due:
            writer.write(bgr)
            self._frames += 1
        self._look_at_disk()

    def close(self) -> list[Path]:
        """Finish the file and check that it can be read; returns it, if there was any frame."""
        if self._writer is None:
            self._pending.discard()
            return []
        self._writer.release()
        self._writer = None
        check = cv2.VideoCapture(str(self._pending.temporary))
        is_whole = check.isOpened() and check.get(cv2.CAP_PROP_FRAME_COUNT) >= self._frames
        check.release()
        if not is_whole:
            self._pending.discard()
            raise OutputWriteError(
                f"{self._pending.path}: the video could not be finished, most likely because the "
                "disk is full. Choose another folder with --output."
            )
        self._pending.commit()
        return [self._pending.path]

    def _open(self, frame: Frame) -> cv2.VideoWriter:
        height, width = frame.image.shape[:2]
        self._size, self._start_ms = (width, height), frame.timestamp_ms
        codec = cv2.VideoWriter.fourcc(*CODECS[self._pending.path.suffix.lower()])
        temporary = str(self._pending.temporary)
        self._writer = cv2.VideoWriter(temporary, cv2.CAP_FFMPEG, codec, self._fps, self._size)
        if not self._writer.isOpened():
            self._pending.discard()
            raise OutputWriteError(
                f"{self._pending.path}: OpenCV cannot write a {width} x {height} px video there. "
                "Try the ending .avi, or another folder."
            )
        return self._writer

    def _look_at_disk(self) -> None:
        if monotonic() - self._looked_at_disk < LOOK_AT_DISK_S:
            return
        self._looked_at_disk = monotonic()
        if shutil.disk_usage(self._pending.path.parent).free < FREE_BYTES:
            raise OutputWriteError(
                f"{self._pending.path}: the disk is nearly full; the video ends here. "
                "Choose another folder with --output."
            )
