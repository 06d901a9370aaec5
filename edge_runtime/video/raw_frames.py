"""Uncompressed frames through a pipe, such as from ffmpeg or rpicam-vid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from time import monotonic
from typing import BinaryIO

import cv2
import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import LONGEST_SIDE_PX
from edge_runtime.errors import FrameSourceError
from edge_runtime.video.frame_source import Frame

# Bytes per two pixels, and OpenCV's conversion to RGB; the names are ffmpeg's.
PIXEL_FORMATS: dict[str, tuple[int, int | None]] = {
    "rgb24": (6, None),
    "bgr24": (6, cv2.COLOR_BGR2RGB),
    "gray": (2, cv2.COLOR_GRAY2RGB),
    "yuv420p": (3, cv2.COLOR_YUV2RGB_I420),
}


@dataclass(frozen=True)
class RawFormat:
    """Size in px and pixel format of frames in a pipe."""

    width: int
    height: int
    pixel_format: str = "rgb24"

    @classmethod
    def parse(cls, text: str) -> RawFormat:
        """From `640x480` or `640x480:bgr24`; raises FrameSourceError."""
        match = re.fullmatch(r"(\d{1,5})x(\d{1,5})(?::(\w+))?", text)
        if not match or (match[3] or "rgb24") not in PIXEL_FORMATS:
            raise FrameSourceError(
                f"{text!r} is no frame format. Give WIDTHxHEIGHT or WIDTHxHEIGHT:FORMAT, such as "
                f"640x480:bgr24; formats: {', '.join(PIXEL_FORMATS)}."
            )
        width, height = int(match[1]), int(match[2])
        pixel_format = match[3] or "rgb24"
        is_odd = pixel_format == "yuv420p" and (width % 2 or height % 2)
        if not 0 < min(width, height) <= max(width, height) <= LONGEST_SIDE_PX or is_odd:
            raise FrameSourceError(
                f"{text!r}: sides lie between 1 and {LONGEST_SIDE_PX} px, and are even for yuv420p."
            )
        return cls(width, height, pixel_format)

    @property
    def frame_bytes(self) -> int:
        return self.width * self.height * PIXEL_FORMATS[self.pixel_format][0] // 2

    def decode(self, data: bytes) -> Uint8Image:
        """One frame's bytes to RGB (H, W, 3)."""
        flat = np.frombuffer(data, np.uint8)
        bytes_per_two, conversion = PIXEL_FORMATS[self.pixel_format]
        if conversion is None:
            return flat.reshape(self.height, self.width, 3)
        rows = self.height * 3 // 2 if bytes_per_two == 3 else self.height
        shape = (rows, self.width, 3) if bytes_per_two == 6 else (rows, self.width)
        return cv2.cvtColor(flat.reshape(shape), conversion).astype(np.uint8, copy=False)


class RawFrames:
    """A live `FrameSource`: frames one after another in a stream, without headers.

    fps None: the time of a frame is when it arrives. Else frames come 1 / fps apart, and none
    counts as live, so that all are used.
    """

    def __init__(self, stream: BinaryIO, raw_format: RawFormat, fps: float | None = None) -> None:
        self.name = "standard input"
        self.fps = fps or 0.0
        self.is_live = not fps
        self._stream, self._format = stream, raw_format
        self._start = monotonic()
        self._index = 0
        self._time_ms = -1.0

    def read(self) -> Frame | None:
        """The next frame; an incomplete one at the end is an error."""
        data = self._read_frame()
        if not data:
            return None
        if len(data) < self._format.frame_bytes:
            raise FrameSourceError(
                f"{self.name}: {len(data)} of {self._format.frame_bytes} bytes at the end of frame "
                f"{self._index}. Check the size and the pixel format given to --raw."
            )
        arrived_ms = (monotonic() - self._start) * 1e3
        time_ms = self._index * 1e3 / self.fps if self.fps else max(arrived_ms, self._time_ms + 0.1)
        self._time_ms = time_ms
        self._index += 1
        return Frame(self._format.decode(data), time_ms, self._index - 1)

    def _read_frame(self) -> bytes:
        # An unbuffered pipe gives what is there, often less than a frame.
        data = bytearray()
        while len(data) < self._format.frame_bytes:
            part = self._stream.read(self._format.frame_bytes - len(data))
            if not part:
                break
            data += part
        return bytes(data)

    def close(self) -> None:
        """The stream belongs to the caller."""
