"""The threads of the live pipeline, with sources and sinks that play a part."""

from threading import Thread
from time import sleep

import numpy as np
import pytest

from edge_runtime import FrameSourceError
from edge_runtime.video.frame_source import Frame
from edge_runtime.video.live_pipeline import LivePipeline


class Source:
    """Frames of one pixel; `pace_s` apart, an error at frame `fails_at`."""

    name, fps = "made up", 30.0

    def __init__(self, count=20, is_live=False, pace_s=0.0, fails_at=None):
        self.count, self.is_live, self.pace_s, self.fails_at = count, is_live, pace_s, fails_at
        self.index, self.closed = 0, False

    def read(self):
        sleep(self.pace_s)
        if self.index == self.fails_at:
            raise FrameSourceError("the made-up source broke")
        if self.index == self.count:
            return None
        self.index += 1
        return Frame(np.zeros((1, 1, 3), np.uint8), self.index * 33.0, self.index - 1)

    def close(self):
        self.closed = True


class Landmarker:
    def __init__(self, pace_s=0.0):
        self.pace_s = pace_s

    def track(self, image, timestamp_ms):
        sleep(self.pace_s)
        return ["a face"]


class Sink:
    def __init__(self, wants=10**9, fails_at=None, pace_s=0.0):
        self.indices, self.wants, self.fails_at, self.pace_s = [], wants, fails_at, pace_s

    def write(self, frame, faces):
        if frame.index == self.fails_at:
            raise OSError("full")
        sleep(self.pace_s)
        self.indices.append(frame.index)

    @property
    def wants_more(self):
        return len(self.indices) < self.wants


def test_every_frame_of_a_file_arrives_in_order():
    source, sink = Source(50), Sink()
    summary = LivePipeline(source, Landmarker(), [sink]).run()
    assert sink.indices == list(range(50)) and source.closed
    assert summary.frames_done == summary.faces_seen == 50 and summary.frames_dropped == 0


def test_a_live_source_skips_to_the_newest_frame():
    sink = Sink()
    summary = LivePipeline(
        Source(60, is_live=True, pace_s=0.004), Landmarker(pace_s=0.03), [sink]
    ).run()
    assert summary.frames_dropped > 30
    assert summary.frames_done + summary.frames_dropped == summary.frames_read == 60
    assert sink.indices == sorted(sink.indices) and sink.indices[-1] == 59
    assert max(np.diff(sink.indices)) < 40, "it keeps up all along"


def test_every_frame_on_demand():
    sink = Sink()
    LivePipeline(Source(30, is_live=True), Landmarker(pace_s=0.005), [sink], every_frame=True).run()
    assert sink.indices == list(range(30))


def test_stages_overlap():
    """Three stages of 10 ms each take little more than 10 ms a frame, not 30."""
    pipeline = LivePipeline(Source(40, pace_s=0.01), Landmarker(0.01), [Sink(pace_s=0.01)])
    assert pipeline.run().seconds < 40 * 0.02


def test_a_broken_source_ends_the_run_after_its_frames():
    source, sink = Source(fails_at=7), Sink()
    with pytest.raises(FrameSourceError, match="broke"):
        LivePipeline(source, Landmarker(), [sink]).run()
    assert sink.indices == list(range(7)) and source.closed


def test_a_failing_sink_ends_the_run():
    source = Source(10**6)
    with pytest.raises(OSError, match="full"):
        LivePipeline(source, Landmarker(), [Sink(fails_at=5)]).run()
    assert source.closed and source.index < 100


def test_a_sink_that_has_had_enough_and_max_frames():
    sink = Sink(wants=3)
    LivePipeline(Source(10**6), Landmarker(), [sink]).run()
    assert sink.indices == [0, 1, 2]
    sink = Sink()
    LivePipeline(Source(10**6), Landmarker(), [sink], max_frames=9).run()
    assert sink.indices == list(range(9))


def test_stop_from_another_thread():
    pipeline = LivePipeline(Source(10**9, pace_s=0.001), Landmarker(), [Sink()])
    runner = Thread(target=pipeline.run)
    runner.start()
    sleep(0.1)
    pipeline.stop()
    runner.join(5)
    assert not runner.is_alive() and pipeline.summary.frames_done > 5
