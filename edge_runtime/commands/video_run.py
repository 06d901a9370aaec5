"""What face520-run does with a video or a camera."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from edge_runtime.console import NOTHING_DONE, SOME_FAILED, Reporter
from edge_runtime.drawing import Style
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.video.frame_sink import FrameSink
from edge_runtime.video.frame_source import FrameSource
from edge_runtime.video.json_lines import JsonLines
from edge_runtime.video.live_pipeline import LivePipeline, RunSummary
from edge_runtime.video.timed_video_writer import open_video_writer
from edge_runtime.video.window import Window
from edge_runtime.wires.udp_lines import UdpLines
from edge_runtime.wires.udp_wire import HostPort
from edge_runtime.wires.vmc_sender import VmcSender


@dataclass(frozen=True)
class LiveOutputs:
    """Who looks on while a video runs: a window, readers of OSC (VMC) and of UDP."""

    show: bool = False
    osc: HostPort | None = None
    udp: HostPort | None = None
    udp_points: bool = False

    @property
    def are_any(self) -> bool:
        """Whether anybody looks on."""
        return self.show or self.osc is not None or self.udp is not None


@dataclass(frozen=True)
class VideoOutputs:
    """What to write for a video: files where a path is given, JSON lines on stdout."""

    video: Path | None
    json: Path | None
    json_stream: bool
    style: Style
    live: LiveOutputs

    def open(
        self, source: FrameSource, model: str, on_event: Callable[[str], None]
    ) -> list[FrameSink]:
        """A sink for each; on_event hears what a sink loses. Raises Face520Error."""
        sinks: list[FrameSink] = []
        if self.live.show:
            sinks.append(Window(self.style))
        if self.live.osc is not None:
            sinks.append(VmcSender(self.live.osc, on_event))
        if self.live.udp is not None:
            sinks.append(UdpLines(self.live.udp, model, self.live.udp_points, on_event))
        if self.json_stream:
            sinks.append(JsonLines(model, stream=sys.stdout))
        if self.json is not None:
            sinks.append(JsonLines(model, self.json))
        if self.video is not None:
            sinks.append(open_video_writer(self.video, self.style, source, on_event))
        return sinks


def run_video(
    source: FrameSource,
    landmarker: FaceLandmarker,
    outputs: VideoOutputs,
    reporter: Reporter,
    every_frame: bool = False,
    max_frames: int | None = None,
) -> int:
    """Follow the faces until the source ends or Ctrl-C; returns the exit code.

    What has been written by then is finished and kept, also when the source breaks off.
    """
    model = f"{landmarker.contract.model_name} {landmarker.contract.model_version}"
    landmarker.reset_tracking()
    try:
        sinks = outputs.open(source, model, reporter.complain)
    except Face520Error as error:
        reporter.complain(str(error))
        source.close()
        return NOTHING_DONE
    pipeline = LivePipeline(source, landmarker, sinks, every_frame, max_frames)
    has_failed = False
    with _stopped_by_signals(pipeline):
        try:
            pipeline.run()
        except Face520Error as error:
            reporter.complain(str(error))
            has_failed = True
        written: list[Path] = []
        for sink in sinks:
            try:
                written += sink.close()
            except Face520Error as error:
                reporter.complain(str(error))
                has_failed = True
    _report(source, pipeline.summary, written, reporter)
    if not pipeline.summary.faces_seen:
        return NOTHING_DONE
    return SOME_FAILED if has_failed else 0


def _report(
    source: FrameSource, summary: RunSummary, written: list[Path], reporter: Reporter
) -> None:
    frames = summary.frames_done
    if not summary.faces_seen:
        reporter.complain(f"{source.name}: no face found in {frames} frames.")
    per_second = frames / summary.seconds if summary.seconds else 0.0
    reporter.say(
        f"{source.name}: {frames} frames in {summary.seconds:.1f} s ({per_second:.1f} a second), "
        f"inference {summary.inference_ms / max(frames, 1):.1f} ms a frame, "
        f"{summary.faces_seen / max(frames, 1):.2f} faces a frame, "
        f"{summary.frames_dropped} frames dropped"
    )
    for path in written:
        reporter.say(f"  {path}", style="green")


@contextmanager
def _stopped_by_signals(pipeline: LivePipeline) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run in order; a second one ends the program at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        pipeline.stop()
        signal.signal(number, signal.SIG_DFL)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
