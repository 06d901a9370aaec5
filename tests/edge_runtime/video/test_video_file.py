"""Video files as phones, browsers and Raspberry Pis make them, whole and damaged."""

import os
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import FrameSourceError
from edge_runtime.files.file_kind import FileKind, kind_of
from edge_runtime.video.film_header import read_film_header
from edge_runtime.video.video_file import VideoFile

CASES = Path(__file__).parents[1] / "cases"
DAMAGED = CASES / "damaged_middle.mp4"  # H.264, 75 frames, one of them overwritten
RPICAM = CASES / "rpicam.h264"  # 75 frames
MATRIX = 44  # offset of the matrix in a track header box (ISO/IEC 14496-12, version 0)
ONE = 1 << 16


def frames_before_the_loss(path: Path) -> tuple[list, str]:
    """The frames, and what `read` says after the last; "" if nothing."""
    source, frames = VideoFile(path), []
    try:
        while (frame := source.read()) is not None:
            frames.append(frame)
    except FrameSourceError as error:
        return frames, str(error)
    finally:
        source.close()
    return frames, ""


def test_frames_after_a_damaged_one_are_read_and_the_loss_is_told():
    frames, said = frames_before_the_loss(DAMAGED)
    assert len(frames) == 74 and "74 of 75" in said and "1 cannot be decoded" in said
    times = np.diff([frame.timestamp_ms for frame in frames])
    assert sorted(set(np.round(times))) == [40, 80], "a gap where the damaged frame was"


@pytest.mark.parametrize("share", [0.4, 0.6])
def test_a_film_that_is_cut_off(tmp_path, clip, share):
    for whole in (DAMAGED, clip):
        path = tmp_path / f"cut{whole.suffix}"
        path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        frames, said = frames_before_the_loss(path)
        assert 5 < len(frames) < VideoFile(whole).frame_count
        assert "too early" in said and f"{len(frames)} of {VideoFile(whole).frame_count}" in said


def test_a_whole_film_loses_nothing(clip):
    frames, said = frames_before_the_loss(clip)
    assert len(frames) == 30 and not said


@pytest.mark.parametrize("content", [b"", b"no video" * 100, b"\0\0\0\x18ftypmp42" + b"\0" * 9])
def test_files_that_are_no_video(tmp_path, content):
    path = tmp_path / "x.mp4"
    path.write_bytes(content)
    with pytest.raises(FrameSourceError, match=r"x\.mp4"):
        VideoFile(path)


def test_what_is_no_file(tmp_path):
    with pytest.raises(FrameSourceError, match="no such file"):
        VideoFile(tmp_path / "absent.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(FrameSourceError, match="a pipe"):
        VideoFile(tmp_path / "pipe.mp4")


@pytest.mark.parametrize(
    ("matrix", "upright"),
    [
        ((ONE, 0, 0, 0, ONE), lambda image: image),
        ((0, ONE, 0, -ONE, 0), lambda image: np.rot90(image, -1)),
        ((-ONE, 0, 0, 0, -ONE), lambda image: np.rot90(image, 2)),
        ((0, -ONE, 0, ONE, 0), lambda image: np.rot90(image)),
        ((-ONE, 0, 0, 0, ONE), lambda image: image[:, ::-1]),
        ((0, ONE, 0, ONE, 0), lambda image: image.transpose(1, 0, 2)),
    ],
    ids=["0", "90", "180", "270", "mirrored", "transposed"],
)
def test_films_of_a_phone_that_was_turned(tmp_path, matrix, upright):
    """Whether this OpenCV turns films by itself or not."""
    content = bytearray(DAMAGED.read_bytes())
    at = content.index(b"tkhd") + MATRIX
    content[at : at + 20] = struct.pack(">5i", *matrix)
    path = tmp_path / "turned.mp4"
    path.write_bytes(content)
    expected = upright(VideoFile(DAMAGED).read().image)
    np.testing.assert_array_equal(VideoFile(path).read().image, expected)


def test_a_raspberry_pis_recordings(tmp_path, photo):
    """Bare streams, told from photos by what is in them."""
    encoded = cv2.imencode(".jpg", photo[:, :, ::-1])[1].tobytes()
    stream, one = tmp_path / "rpicam", tmp_path / "photo.mjpeg"
    stream.write_bytes(encoded * 4)
    one.write_bytes(encoded)
    assert kind_of(RPICAM) is kind_of(stream) is FileKind.VIDEO and kind_of(one) is FileKind.IMAGE
    frames, said = frames_before_the_loss(RPICAM)
    assert len(frames) == 75 and not said
    source = VideoFile(stream, fps=50)
    assert [source.read().timestamp_ms for _ in range(4)] == [0, 20, 40, 60]
    assert source.read() is None and source.has_sound is False


def test_a_photo_with_pictures_behind_it(tmp_path, photo):
    """A gain map, a depth map, another view: phones announce them in the first picture."""
    big = cv2.imencode(".jpg", photo[:, :, ::-1])[1].tobytes()
    small = cv2.imencode(".jpg", photo[::4, ::4, ::-1])[1].tobytes()
    announced = big[:2] + b"\xff\xe2\0\x06MPF\0" + big[2:]
    for content in (big + small, announced + big):
        (tmp_path / "x.jpg").write_bytes(content)
        assert kind_of(tmp_path / "x.jpg") is FileKind.IMAGE


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x1aE\xdf\xa3\x01\0\0\0", FileKind.VIDEO),
        (b"FLV\x01\x05", FileKind.VIDEO),
        (b"OggS\0\x02", FileKind.VIDEO),
        (b"\0\0\x01\xba\x44", FileKind.VIDEO),
        ((b"G" + bytes(187)) * 5, FileKind.VIDEO),
        ((bytes(4) + b"G" + bytes(187)) * 5, FileKind.VIDEO),
        (b"RIFF\0\0\0\0AVI LIST", FileKind.VIDEO),
        (b"RIFF\0\0\0\0WEBPVP8 ", FileKind.IMAGE),
        (b"\0\0\0\x18ftypqt  ", FileKind.VIDEO),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", FileKind.IMAGE),
        (b"\0\0\0\x18ftypmif1\0\0\0\0avifmif1", FileKind.IMAGE),
        (b"GIF89a", FileKind.IMAGE),
        (b"Please read this first", None),
        (b"BMI of all subjects", None),
        (b"", None),
    ],
)
def test_kinds_by_content_alone(tmp_path, head, kind):
    path = tmp_path / "nothing_to_go_by"
    path.write_bytes(head)
    assert kind_of(path) is kind


@pytest.mark.parametrize(
    "ending", ["mts", "m2ts", "vob", "flv", "ogv", "ts", "MP4", "h264", "mjpeg"]
)
def test_absent_films_are_films_by_name(tmp_path, ending):
    assert kind_of(tmp_path / f"x.{ending}") is FileKind.VIDEO


@pytest.mark.parametrize("name", [b"10:20:30.mp4", b"caf\xe9.mp4", b"100%d.mp4"])
def test_names_that_opencv_does_not_take_as_they_are(tmp_path, monkeypatch, name):
    """A protocol's colon, bytes that are not UTF-8, a pattern of many files."""
    monkeypatch.chdir(tmp_path)
    path = Path(os.fsdecode(name))
    path.write_bytes(DAMAGED.read_bytes())
    assert VideoFile(path).read().image.shape == (240, 320, 3)


def test_headers_that_are_cut_or_strange_say_nothing(tmp_path):
    content = DAMAGED.read_bytes()
    path = tmp_path / "x.mp4"
    rng = np.random.default_rng(0)
    for _ in range(300):
        changed = bytearray(content[: rng.integers(1, 6000)])
        for at in rng.integers(0, len(changed), 20):
            changed[at] = rng.integers(0, 256)
        path.write_bytes(changed)
        assert read_film_header(path).missing_bytes >= 0
