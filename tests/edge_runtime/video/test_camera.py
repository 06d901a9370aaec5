"""Cameras without a camera: a capture that plays a part, and a made-up picamera2."""

import types

import numpy as np
import pytest

from edge_runtime import FrameSourceError
from edge_runtime.video import camera, pi_camera
from edge_runtime.video.camera import Camera, open_camera


class Plays:
    """A cv2.VideoCapture that gives as many frames as told, then none."""

    def __init__(self, frames: int, opened: bool = True) -> None:
        self.frames, self.opened, self.released = frames, opened, False

    def isOpened(self):
        return self.opened

    def read(self):
        self.frames -= 1
        if self.frames < 0:
            return False, None
        return True, np.full((4, 5, 3), (1, 2, 3), np.uint8)

    def get(self, propId):
        return 15.0

    def release(self):
        self.released = True


def camera_of(captures, **options) -> tuple[Camera, list[str]]:
    waiting, events = list(captures), []
    opened = Camera(0, open_capture=lambda *_: waiting.pop(0), on_event=events.append, **options)
    return opened, events


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(camera, "RETRY_S", 0.001)


def test_frames_are_rgb_and_their_times_grow():
    source, _ = camera_of([Plays(50)])
    frames = [source.read() for _ in range(50)]
    assert frames[0].image[0, 0].tolist() == [3, 2, 1]
    assert (np.diff([frame.timestamp_ms for frame in frames]) > 0).all()
    assert source.fps == 15 and source.is_live
    source.close()


def test_a_camera_that_disappears_and_comes_back():
    first = Plays(2)
    source, events = camera_of([first, Plays(0, opened=False), Plays(3)])
    frames = [source.read() for _ in range(5)]
    assert [frame.index for frame in frames] == list(range(5))
    assert first.released and ["gone" in events[0], "back" in events[1]] == [True, True]


def test_a_camera_that_stays_away():
    source, events = camera_of([Plays(1)] + [Plays(0, opened=False)] * 9999, reconnect_s=0.02)
    source.read()
    with pytest.raises(FrameSourceError, match="cable"):
        source.read()
    assert len(events) == 1


def test_closing_ends_the_wait():
    source, _ = camera_of([Plays(0)])
    source.close()
    assert source.read() is None


def test_no_camera_at_all():
    with pytest.raises(FrameSourceError, match="cannot be opened"):
        Camera("/dev/video_that_is_not_there")


class MadeUpPicamera2:
    """What PiCamera uses of picamera2."""

    started = False

    def __init__(self, number: int) -> None:
        if number > 0:
            raise IndexError("list index out of range")

    @staticmethod
    def global_camera_info():
        return [
            {"Model": "imx708", "Id": "/base/soc/i2c0mux/i2c@1/imx708@1a"},
            {"Model": "C920", "Id": "/base/scb/pcie@7d500000/usb@0,0-1:1.0"},
        ]

    def create_video_configuration(self, main, controls):
        assert main["format"] == "BGR888"
        return main

    def configure(self, settings):
        self.size = settings["size"]

    def start(self):
        type(self).started = True

    def capture_array(self, stream):
        return np.zeros((self.size[1], self.size[0], 4), np.uint8)

    def stop(self):
        type(self).started = False

    def close(self):
        pass


@pytest.fixture
def picamera2(monkeypatch):
    module = types.SimpleNamespace(Picamera2=MadeUpPicamera2)
    monkeypatch.setattr(pi_camera, "load_picamera2", lambda: module)


def test_the_pi_camera_is_picked_by_itself(picamera2):
    source = open_camera("0", (64, 48), 30.0)
    assert source.name == "Raspberry Pi camera 0" and MadeUpPicamera2.started
    assert source.read().image.shape == (48, 64, 3)
    source.close()
    assert not MadeUpPicamera2.started


def test_a_webcam_beside_a_pi_camera(picamera2, monkeypatch):
    assert pi_camera.pi_camera_numbers() == [0]
    monkeypatch.setattr(camera, "Camera", lambda number, *_, **__: f"webcam {number}")
    assert open_camera("1") == "webcam 1"
    assert open_camera("/dev/video7") == "webcam /dev/video7"


def test_messages_of_the_pi_camera(picamera2, monkeypatch, tmp_path):
    with pytest.raises(FrameSourceError, match="ribbon cable"):
        open_camera("pi3")
    monkeypatch.setattr(pi_camera, "load_picamera2", lambda: None)
    with pytest.raises(FrameSourceError, match="apt install python3-picamera2"):
        open_camera("pi")
    monkeypatch.setattr(camera, "is_pi_device", lambda number: True)
    with pytest.raises(FrameSourceError, match="apt install python3-picamera2"):
        open_camera("0")
    (tmp_path / "video0").mkdir()
    (tmp_path / "video0" / "name").write_text("unicam-image\n")
    assert pi_camera.is_pi_device(0, tmp_path) and not pi_camera.is_pi_device(1, tmp_path)
