"""Cameras: which one `--camera 0` or `pi` is; a webcam, which may go away and come back."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Any, Protocol

import cv2

from edge_runtime.errors import FrameSourceError
from edge_runtime.image_file import from_bgr
from edge_runtime.video.frame_source import Frame, FrameSource
from edge_runtime.video.pi_camera import REMEDY, PiCamera, is_pi_device, pi_camera_numbers

RETRY_S = 0.5


def open_camera(
    which: str,
    size_px: tuple[int, int] = (640, 480),
    fps: float = 30.0,
    on_event: Callable[[str], None] = lambda message: None,
) -> FrameSource:
    """A camera by number, `pi` or `piN`, device path or stream address (rtsp://...).

    A number means the Pi's own camera of that number where picamera2 sees one, else /dev/videoN.
    Raises FrameSourceError.
    """
    if which == "pi" or (which.startswith("pi") and which[2:].isdigit()):
        return PiCamera(int(which[2:] or 0), size_px, fps)
    if not which.isdigit():
        return Camera(which, size_px, fps, on_event=on_event)
    number = int(which)
    if number in pi_camera_numbers():
        return PiCamera(number, size_px, fps)
    if is_pi_device(number):
        raise FrameSourceError(f"camera {number}: {REMEDY}")
    return Camera(number, size_px, fps, on_event=on_event)


class Capture(Protocol):
    """The part of cv2.VideoCapture that a camera needs."""

    def isOpened(self) -> bool: ...
    def read(self) -> tuple[bool, Any]: ...
    def get(self, propId: int) -> float: ...
    def release(self) -> None: ...


class Camera:
    """A live `FrameSource`: /dev/videoN by number, or a device path or stream address.

    size_px: width and height to ask for. reconnect_s: how long to wait for a camera that has
    disappeared; then, and when it cannot be opened at first, FrameSourceError. on_event hears when
    it goes and comes back.
    """

    is_live = True

    def __init__(
        self,
        device: int | str,
        size_px: tuple[int, int] = (640, 480),
        fps: float = 30.0,
        reconnect_s: float = 30.0,
        open_capture: Callable[[int | str, tuple[int, int], float], Capture] | None = None,
        on_event: Callable[[str], None] = lambda message: None,
    ) -> None:
        self.name = f"camera {device}"
        self._open = open_capture or open_v4l2
        self._arguments = (device, size_px, fps)
        self._reconnect_s, self._on_event = reconnect_s, on_event
        self._closed = Event()
        self._capture = self._open(*self._arguments)
        if not self._capture.isOpened():
            self._capture.release()
            raise FrameSourceError(
                f"{self.name}: cannot be opened. See what is there with: v4l2-ctl --list-devices; "
                "another program may be using it, or you may have to join the group video."
            )
        told_fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = told_fps if 0 < told_fps <= 1000 else fps
        self._start = monotonic()
        self._index = 0
        self._time_ms = -1.0

    def read(self) -> Frame | None:
        """The next frame; waits for a camera that has gone away."""
        while not self._closed.is_set():
            try:
                is_there, bgr = self._capture.read()
            except cv2.error:
                is_there, bgr = False, None
            if is_there and bgr is not None and bgr.size:
                # The driver's own clock is not told by every camera.
                self._time_ms = max((monotonic() - self._start) * 1e3, self._time_ms + 0.1)
                self._index += 1
                return Frame(from_bgr(bgr), self._time_ms, self._index - 1)
            self._reconnect()
        return None

    def _reconnect(self) -> None:
        self._on_event(f"{self.name} has gone; waiting {self._reconnect_s:.0f} s for it")
        self._capture.release()
        give_up = monotonic() + self._reconnect_s
        while not self._closed.wait(min(RETRY_S, self._reconnect_s)):
            self._capture = self._open(*self._arguments)
            if self._capture.isOpened():
                self._on_event(f"{self.name} is back")
                return
            self._capture.release()
            if monotonic() >= give_up:
                raise FrameSourceError(
                    f"{self.name}: gone for {self._reconnect_s:.0f} s. Check its cable and power."
                )

    def close(self) -> None:
        """Release the camera; a `read` that waits for it ends."""
        self._closed.set()
        self._capture.release()


def open_v4l2(device: int | str, size_px: tuple[int, int], fps: float) -> Capture:
    """A camera by number or path through V4L2, anything else through whatever OpenCV finds."""
    is_local = isinstance(device, int) or device.startswith("/dev/")
    capture = cv2.VideoCapture(device, cv2.CAP_V4L2 if is_local else cv2.CAP_ANY)
    if capture.isOpened() and is_local:
        # Most webcams reach 30 frames a second at these sizes as MJPG alone.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size_px[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size_px[1])
        capture.set(cv2.CAP_PROP_FPS, fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not the oldest
    return capture
