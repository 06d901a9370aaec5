"""Video files, image sequences and raw frames in a pipe."""

import io

import cv2
import numpy as np
import pytest

from edge_runtime import FrameSourceError, ImageReadError
from edge_runtime.video.image_sequence import ImageSequence
from edge_runtime.video.raw_frames import RawFormat, RawFrames
from edge_runtime.video.video_file import VideoFile


def frames_of(source) -> list:
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def test_a_video_file(clip, scene):
    source = VideoFile(clip)
    assert source.fps == pytest.approx(25) and source.frame_count == 30 and not source.is_live
    frames = frames_of(source)
    assert [frame.index for frame in frames] == list(range(30))
    assert np.diff([frame.timestamp_ms for frame in frames]) == pytest.approx(40, abs=0.5)
    assert frames[0].image.shape == (480, 640, 3) and frames[0].image.dtype == np.uint8
    wrong = np.abs(frames[0].image.astype(int) - scene((250, 240, 1.2, 0)))
    assert wrong.mean() < 5, "RGB, not BGR"


def test_an_image_sequence(tmp_path, scene):
    paths = [tmp_path / f"{number:03}.png" for number in range(3)]
    for number, path in enumerate(paths):
        cv2.imwrite(str(path), np.full((4, 5, 3), number, np.uint8))
    frames = frames_of(ImageSequence(paths, fps=10))
    assert [frame.timestamp_ms for frame in frames] == [0, 100, 200]
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [0, 1, 2]
    paths[1].write_bytes(b"")
    source = ImageSequence(paths, fps=10)
    source.read()
    with pytest.raises(ImageReadError):
        source.read()
    with pytest.raises(FrameSourceError):
        ImageSequence([], fps=10)


@pytest.mark.parametrize("pixel_format", ["rgb24", "bgr24", "gray", "yuv420p"])
def test_raw_frames(pixel_format):
    rgb = np.full((4, 6, 3), (250, 130, 10), np.uint8)
    encoded = {
        "rgb24": lambda: rgb,
        "bgr24": lambda: rgb[:, :, ::-1],
        "gray": lambda: cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY),
        "yuv420p": lambda: cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420),
    }[pixel_format]()
    raw_format = RawFormat.parse(f"6x4:{pixel_format}")
    stream = io.BytesIO(np.ascontiguousarray(encoded).tobytes() * 3)
    frames = frames_of(RawFrames(stream, raw_format, fps=50))
    assert [frame.timestamp_ms for frame in frames] == [0, 20, 40]
    expected = np.repeat(encoded[:, :, None], 3, 2) if pixel_format == "gray" else rgb
    assert np.abs(frames[2].image.astype(int) - expected).max() <= 6


def test_raw_frames_in_pieces_and_cut_off():
    class Dripping(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 7))

    raw_format = RawFormat(4, 4)
    assert len(frames_of(RawFrames(Dripping(bytes(96)), raw_format))) == 2
    source = RawFrames(Dripping(bytes(50)), raw_format)
    assert source.is_live and source.read().timestamp_ms >= 0
    with pytest.raises(FrameSourceError, match="2 of 48 bytes"):
        source.read()


@pytest.mark.parametrize(
    "text", ["", "640", "640x", "0x5", "640x480:rgb", "99999x99999", "5x5:yuv420p", "-4x4"]
)
def test_raw_formats_that_are_none(text):
    with pytest.raises(FrameSourceError):
        RawFormat.parse(text)
