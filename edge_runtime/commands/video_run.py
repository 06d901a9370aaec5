"""What face520-run does with a video or a camera."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from edge_runtime.commands.sources import Video
from edge_runtime.console import NOTHING_DONE, SOME_FAILED, Reporter
from edge_runtime.drawing import Style
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.live_page.live_page import LivePage
from edge_runtime.live_page.own_pace import OwnPace
from edge_runtime.live_page.page_address import PageAddress
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
    """Who looks on while a video runs: a window, browsers, readers of OSC (VMC) and of UDP."""

    show: bool = False
    page: PageAddress | None = None
    osc: HostPort | None = None
    udp: HostPort | None = None
    udp_points: bool = False

    @property
    def are_any(self) -> bool:
        """Whether anybody looks on."""
        return any((self.show, self.page, self.osc, self.udp))


@dataclass(frozen=True)
class VideoOutputs:
    """What to write for a video: files where a path is given, JSON lines on stdout.

    saved: the folder of frames that are saved in the page, under names that begin with stem.
    """

    video: Path | None
    json: Path | None
    json_stream: bool
    style: Style
    live: LiveOutputs
    saved: Path
    stem: str

    def open_page(self, model: str) -> LivePage | None:
        """The page, if one is asked for. Raises Face520Error."""
        if self.live.page is None:
            return None
        return LivePage(self.live.page, model, self.style, self.saved, self.stem)

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
    video: Video,
    landmarker: FaceLandmarker,
    outputs: VideoOutputs,
    reporter: Reporter,
    every_frame: bool = False,
    max_frames: int | None = None,
) -> int:
    """Follow the faces until the source ends or Ctrl-C; returns the exit code.

    What has been written by then is finished and kept, also when the source breaks off.
    """
    model = landmarker.model_name
    landmarker.reset_tracking()
    sinks: list[FrameSink] = []
    source: FrameSource | None = None
    try:
        page = outputs.open_page(model)
        on_event: Callable[[str], None] = reporter.complain
        if page is not None:
            sinks.append(page)
            on_event = _told_to(reporter, page)
        source = video.open(on_event)
        sinks += outputs.open(source, model, on_event)
    except Face520Error as error:
        reporter.complain(str(error))
        _close([*sinks, *([source] if source else [])])
        return NOTHING_DONE
    frames = source
    if page is not None:
        _print_links(page, source, reporter)
        frames = source if source.is_live else OwnPace(source, page)
    pipeline = LivePipeline(frames, landmarker, sinks, every_frame, max_frames)
    has_failed = False
    with _stopped_by_signals(pipeline.stop, *([page.let_go] if page else [])):
        try:
            pipeline.run()
        except Face520Error as error:
            on_event(str(error))
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


def _told_to(reporter: Reporter, page: LivePage) -> Callable[[str], None]:
    def tell(message: str) -> None:
        reporter.complain(message)
        page.announce(message)

    return tell


def _close(opened: Sequence[FrameSink | FrameSource]) -> None:
    for one in opened:
        one.close()


def _print_links(page: LivePage, source: FrameSource, reporter: Reporter) -> None:
    for link in page.links:
        reporter.say(link, style="bold")
    if not source.is_live:
        reporter.say(f"{source.name}: begins when a browser opens the page", style="dim")


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
def _stopped_by_signals(*stops: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run in order; a second one ends the program at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        for one in stops:
            one()
        signal.signal(number, signal.SIG_DFL)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
