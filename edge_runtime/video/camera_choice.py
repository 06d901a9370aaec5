"""`--camera 0`, `--camera pi`, `--camera /dev/video2`: which camera that is."""

from __future__ import annotations

from collections.abc import Callable

from edge_runtime.errors import FrameSourceError
from edge_runtime.video.camera import Camera
from edge_runtime.video.frame_source import FrameSource
from edge_runtime.video.pi_camera import REMEDY, PiCamera, is_pi_device, pi_camera_numbers


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
