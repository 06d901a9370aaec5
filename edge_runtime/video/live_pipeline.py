"""Capture, inference and output, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from time import perf_counter
from typing import Any

from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.timings import ms_since
from edge_runtime.video.frame_sink import FrameSink
from edge_runtime.video.frame_source import Frame, FrameSource
from edge_runtime.video.handover import Handover

WAITING_FRAMES = 4  # where every frame counts
JOIN_S = 2.0  # a thread that hangs in a driver longer than this is left behind
LOOK_UP_S = 0.1  # how often the waiting main thread hears of `stop`


@dataclass
class RunSummary:
    """What a run did: frames read and finished, frames dropped, faces, seconds."""

    frames_read: int = 0
    frames_done: int = 0
    frames_dropped: int = 0
    faces_seen: int = 0
    seconds: float = 0.0
    inference_ms: float = 0.0  # sum over frames


Finished = tuple[Frame, list[FaceLandmarks]]


class LivePipeline:
    """Reads frames, follows faces in them and hands both to the sinks.

    A slow stage of a live source skips to the newest frame; every_frame, and a source that is not
    live, make the faster stages wait instead. `run` raises what any stage raised, after the sinks
    have had all frames before it.
    """

    def __init__(
        self,
        source: FrameSource,
        landmarker: FaceLandmarker,
        sinks: Sequence[FrameSink],
        every_frame: bool = False,
        max_frames: int | None = None,
    ) -> None:
        self._source, self._landmarker, self._sinks = source, landmarker, sinks
        self._max_frames = max_frames
        drops_old = source.is_live and not every_frame
        capacity = 1 if drops_old else WAITING_FRAMES
        self._captured: Handover[Frame] = Handover(capacity, drops_old)
        self._finished: Handover[Finished] = Handover(capacity, drops_old)
        self._stopping = Event()
        self._error: BaseException | None = None
        self.summary = RunSummary()

    def stop(self) -> None:
        """End the run soon; may be called from anywhere, a signal handler included."""
        self._stopping.set()

    def run(self) -> RunSummary:
        """Work until the source ends, a sink has had enough, or `stop`."""
        start = perf_counter()
        stages: tuple[tuple[Callable[[], None], Handover[Any]], ...] = (
            (self._capture, self._captured),
            (self._infer, self._finished),
        )
        threads = [Thread(target=self._guard, args=stage, daemon=True) for stage in stages]
        for thread in threads:
            thread.start()
        try:
            self._write()
        finally:
            self._stopping.set()
            self._finished.abandon()
            self._captured.abandon()
            for thread in threads:
                thread.join(JOIN_S)
            # Releasing a device under a thread that still reads from it would crash.
            if not threads[0].is_alive():
                self._source.close()
            self.summary.seconds = perf_counter() - start
            self.summary.frames_dropped = self._captured.dropped + self._finished.dropped
        if self._error is not None:
            raise self._error
        return self.summary

    def _guard(self, work: Callable[[], None], out: Handover[Any]) -> None:
        try:
            work()
        except BaseException as error:  # it is raised again by `run`
            self._error = self._error or error
        finally:
            out.finish()

    def _capture(self) -> None:
        while not self._stopping.is_set():
            frame = self._source.read()
            if frame is None or not self._captured.give(frame):
                return
            self.summary.frames_read += 1
            if self._max_frames and self.summary.frames_read >= self._max_frames:
                return

    def _infer(self) -> None:
        try:
            while (frame := self._captured.take()) is not None:
                start = perf_counter()
                faces = self._landmarker.track(frame.image, frame.timestamp_ms)
                self.summary.inference_ms += ms_since(start)
                if not self._finished.give((frame, faces)):
                    return
        finally:
            self._captured.abandon()

    def _write(self) -> None:
        while not (self._stopping.is_set() or self._finished.is_over):
            finished = self._finished.take(LOOK_UP_S)
            if finished is None:
                continue
            frame, faces = finished
            for sink in self._sinks:
                sink.write(frame, faces)
            self.summary.frames_done += 1
            self.summary.faces_seen += len(faces)
            if not all(sink.wants_more for sink in self._sinks):
                return
