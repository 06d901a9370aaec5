"""Overlays keep each frame's time and the sound, or say what they lose."""

import os
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.drawing import Style
from edge_runtime.video.timed_video_writer import TimedVideoWriter, open_video_writer
from edge_runtime.video.video_file import VideoFile
from edge_runtime.video.video_writer import VideoWriter

TIMES_MS = [0, 40, 80, 200, 240, 600, 640, 1000, 1920]


@pytest.fixture
def av():
    return pytest.importorskip("av")


@pytest.fixture
def film(av, tmp_path):
    """Makes a film of 9 frames at uneven times, with two seconds of sound: film(suffix)."""

    def make(suffix: str = ".mp4", sound: str = "aac") -> Path:
        path = tmp_path / f"film{suffix}"
        output = av.open(str(path), "w")
        video = output.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        audio = output.add_stream(sound, rate=48000) if sound else None
        for number, time_ms in enumerate(TIMES_MS):
            pixels = np.full((48, 64, 3), 20 * number + 30, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            output.mux(video.encode(frame))
        output.mux(video.encode())
        for start in range(0, 96000 if audio else 0, 1024):
            tone = (8000 * np.sin(np.arange(start, start + 1024) / 17)).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
            output.mux(audio.encode(frame))
        if audio:
            output.mux(audio.encode())
        output.close()
        return path

    return make


def copy(source: Path, target: Path, frames: int | None = None) -> list[str]:
    """Write the frames of a film to another; returns the events."""
    events: list[str] = []
    video = VideoFile(source)
    writer = open_video_writer(target, Style.NONE, video, events.append)
    count = 0
    while count != frames and (frame := video.read()) is not None:
        writer.write(frame, [])
        count += 1
    assert writer.close() == [target]
    return events


def times_ms(av, path: Path, kind: str) -> list[int]:
    with av.open(str(path)) as container:
        packets = container.demux(getattr(container.streams, kind))
        return sorted(
            round(float(p.pts * p.time_base) * 1000) for p in packets if p.pts is not None
        )


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "m4v"])
def test_each_frame_keeps_its_time_and_the_sound_comes_along(av, tmp_path, film, ending):
    target = tmp_path / f"overlay.{ending}"
    assert copy(film(), target) == []
    assert times_ms(av, target, "video") == pytest.approx(TIMES_MS, abs=1)
    sound = times_ms(av, target, "audio")
    assert sound[0] < 30 and 1900 < sound[-1] < 2100
    assert VideoFile(target).read().image.mean() == pytest.approx(30, abs=4)


def test_a_film_that_is_stopped_early_has_sound_for_as_long(av, tmp_path, film):
    source, target = film(), tmp_path / "overlay.mp4"
    copy(source, target, frames=4)
    assert times_ms(av, target, "video") == pytest.approx(TIMES_MS[:4], abs=1)
    assert times_ms(av, target, "audio")[-1] < 200 + 1e3 / VideoFile(source).fps + 25


def test_sound_that_the_container_has_no_place_for(tmp_path, film):
    events = copy(film(".mov", "pcm_u8"), tmp_path / "overlay.mp4")
    assert len(events) == 1 and "without the film's sound" in events[0] and ".mkv" in events[0]


def test_without_pyav_the_pace_is_resampled_and_the_loss_is_told(tmp_path, film, monkeypatch):
    source, target = film(".mkv"), tmp_path / "overlay.mp4"
    monkeypatch.setitem(sys.modules, "av", None)
    events = copy(source, target)
    told = "\n".join(events)
    assert "uneven times" in told and "without the film's sound" in told
    assert "pip install 'face520[video]'" in told
    video = VideoFile(target)
    seconds = video.frame_count / video.fps
    assert seconds == pytest.approx(1.96, abs=0.1)


def test_frames_stand_where_they_stood(tmp_path, film):
    """A pause shows the picture before it, not the one after it."""
    source, target = film(".mkv", ""), tmp_path / "overlay.avi"
    copy(source, target)
    shown, frames = VideoFile(target), []
    while (frame := shown.read()) is not None:
        frames.append(frame)
    source_levels = 20 * np.arange(len(TIMES_MS)) + 30
    for frame in frames:
        at = np.searchsorted(TIMES_MS, frame.timestamp_ms + 1e3 / shown.fps / 2, "right") - 1
        assert frame.image.mean() == pytest.approx(source_levels[at], abs=8), frame.timestamp_ms


def test_even_films_are_not_called_uneven(tmp_path, clip, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    events = copy(clip, tmp_path / "overlay.mp4")
    assert events == []
    assert VideoFile(tmp_path / "overlay.mp4").frame_count == 30


def test_which_writer(av, tmp_path, clip):
    writers = {}
    for name in ("x.mp4", "x.avi"):
        writer = open_video_writer(tmp_path / name, Style.NONE, VideoFile(clip), print)
        writers[name] = type(writer)
        assert writer.close() == []
    assert writers == {"x.mp4": TimedVideoWriter, "x.avi": VideoWriter}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [b"caf\xe9", b"a:b"])
@pytest.mark.parametrize("ending", ["avi", "mp4"])
def test_folders_that_opencv_does_not_take_as_they_are(tmp_path, clip, name, ending):
    folder = tmp_path / os.fsdecode(name)
    copy(clip, folder / f"overlay.{ending}", frames=3)
    assert [path.name for path in folder.iterdir()] == [f"overlay.{ending}"]
