"""Frames with the landmarks drawn on them as a video in which each keeps its time, with sound."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2

from edge_runtime.atomic_file import PendingFile
from edge_runtime.drawing import Style, draw_landmarks
from edge_runtime.errors import OutputWriteError
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.video.frame_source import Frame, FrameSource
from edge_runtime.video.video_file import VideoFile
from edge_runtime.video.video_writer import (
    INSTALL,
    DiskWatch,
    VideoWriter,
    check_video_name,
    unfinished,
)

TIMED_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv"})
CODECS = ("libx264", "mpeg4")  # PyAV's wheels have both, a distribution's may lack the first
SPEED = {"preset": "veryfast", "crf": "20"}
TICKS_A_MS = 90  # MPEG's clock


class TimedVideoWriter:
    """A `FrameSink` through PyAV (`pip install 'face520[video]'`).

    The file gets its name in `close`, whole. on_event hears when the film's sound cannot come
    along. Raises ImportError without PyAV, OutputWriteError.
    """

    wants_more = True

    def __init__(
        self, path: Path, style: Style, film: VideoFile, on_event: Callable[[str], None]
    ) -> None:
        check_video_name(path)
        self._av: Any = importlib.import_module("av")
        self._style, self._film, self._on_event = style, film, on_event
        self._pending = PendingFile(path)
        self._disk = DiskWatch(path)
        self._output: Any = None
        self._frames = 0
        self._time_ms = 0.0

    def write(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Draw the faces on the frame and append it."""
        drawn = draw_landmarks(frame.image, faces, self._style)
        try:
            if self._output is None:
                self._open(drawn.shape[1], drawn.shape[0])
            size = (self._stream.width, self._stream.height)
            if size != (drawn.shape[1], drawn.shape[0]):
                drawn = cv2.resize(drawn, size).astype("uint8", copy=False)
            self._time_ms = frame.timestamp_ms
            self._write_sound_until(frame.timestamp_ms)
            picture = self._av.VideoFrame.from_ndarray(drawn, format="rgb24")
            picture.pts = round(frame.timestamp_ms * TICKS_A_MS)
            picture.time_base = Fraction(1, 1000 * TICKS_A_MS)
            self._output.mux(self._stream.encode(picture))
        except self._av.FFmpegError as error:
            self.discard()
            raise unfinished(self._pending.path) from error
        self._frames += 1
        self._disk.look()

    def close(self) -> list[Path]:
        """Finish the file; returns it, if there was any frame."""
        if self._output is None:
            self._pending.discard()
            return []
        try:
            self._output.mux(self._stream.encode())
            last_ms = self._time_ms + 1e3 / self._film.fps
            self._write_sound_until(float("inf") if self._film.has_ended else last_ms)
            self._output.close()
        except self._av.FFmpegError as error:
            self.discard()
            raise unfinished(self._pending.path) from error
        self._output = None
        self._pending.commit()
        return [self._pending.path]

    def discard(self) -> None:
        """Remove the unfinished file."""
        self._pending.discard()

    def _open(self, width: int, height: int) -> None:
        if min(width, height) < 2:
            raise OutputWriteError(f"{self._pending.path}: {width} x {height} px is no video.")
        sound = self._open_sound()
        self._output = self._av.open(str(self._pending.temporary), "w")
        codec = next(name for name in CODECS if name in self._av.codecs_available)
        rate = Fraction(self._film.fps).limit_denominator(1001)
        options = SPEED if codec == CODECS[0] else {}
        self._stream = self._output.add_stream(codec, rate=rate, options=options)
        # H.264 has colour for pairs of pixels alone.
        self._stream.width, self._stream.height = width // 2 * 2, height // 2 * 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, 1000 * TICKS_A_MS)
        self._sound = self._sound_packets(sound)
        self._next_sound = next(self._sound, None)

    def _open_sound(self) -> Any | None:
        """The film's first sound track, if it has one."""
        try:
            tracks = self._av.open(str(self._film.path)).streams.audio
        except self._av.FFmpegError:
            return None
        return tracks[0] if tracks else None

    def _sound_packets(self, track: Any | None) -> Iterator[tuple[float, Any]]:
        """Time in ms and packet, as the film has them."""
        if track is None:
            return
        if track.codec_context.name not in self._output.supported_codecs:
            self._on_event(
                f"{self._pending.path}: without the film's sound, for which "
                f"{self._pending.path.suffix} has no place ({track.codec_context.name}). "
                "Choose a file that ends in .mkv."
            )
            return
        copy = self._output.add_stream_from_template(track)
        video = track.container.streams.video[0]
        start = (video.start_time or 0) * video.time_base
        try:
            for packet in track.container.demux(track):
                if packet.pts is None or packet.dts is None:
                    continue
                time_ms = float((packet.pts * packet.time_base - start) * 1000)
                shift = round(start / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = copy
                if time_ms >= 0:
                    yield time_ms, packet
        except self._av.FFmpegError:
            self._on_event(f"{self._film.name}: the sound breaks off; the rest is left out.")

    def _write_sound_until(self, time_ms: float) -> None:
        while self._next_sound is not None and self._next_sound[0] <= time_ms:
            self._output.mux(self._next_sound[1])
            self._next_sound = next(self._sound, None)


def open_video_writer(
    path: Path, style: Style, source: FrameSource, on_event: Callable[[str], None]
) -> TimedVideoWriter | VideoWriter:
    """The writer that keeps the most of a source: OpenCV's for live ones and without PyAV.

    on_event hears what is lost of a film. Raises OutputWriteError.
    """
    if isinstance(source, VideoFile):
        if path.suffix.lower() in TIMED_SUFFIXES:
            try:
                return TimedVideoWriter(path, style, source, on_event)
            except ImportError:
                pass
        if source.has_sound is not False:
            sound = "the film's sound" if source.has_sound else "sound, should the film have any"
            on_event(f"{path}: without {sound}. An .mp4 or .mkv has it with: {INSTALL}")
    return VideoWriter(path, style, source.fps, source.is_live, on_event)
