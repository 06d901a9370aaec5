"""The Raspberry Pi's own camera through picamera2; OpenCV cannot open it."""

from __future__ import annotations

import importlib
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from edge_runtime.errors import FrameSourceError
from edge_runtime.video.frame_source import Frame

REMEDY = (
    "The Raspberry Pi's camera needs picamera2: sudo apt install python3-picamera2, then make the "
    "virtual environment anew with: python3 -m venv --system-site-packages .venv"
)
# Drivers whose raw Bayer data OpenCV opens and cannot read: Pi 4 and before; Pi 5.
PI_DRIVERS = ("unicam", "rp1-cfe", "bcm2835-isp", "pispbe")
V4L2_NAMES = Path("/sys/class/video4linux")


class PiCamera:
    """A live `FrameSource` for camera module number `number`; FrameSourceError without it."""

    is_live = True

    def __init__(
        self, number: int = 0, size_px: tuple[int, int] = (640, 480), fps: float = 30.0
    ) -> None:
        self.name = f"Raspberry Pi camera {number}"
        self.fps = fps
        library = load_picamera2()
        if library is None:
            raise FrameSourceError(f"{self.name}: picamera2 is not installed. {REMEDY}")
        try:
            self._camera = library.Picamera2(number)
            # picamera2 names formats by the bytes of a little-endian word: BGR888 arrays are RGB.
            settings = self._camera.create_video_configuration(
                main={"size": size_px, "format": "BGR888"}, controls={"FrameRate": fps}
            )
            self._camera.configure(settings)
            self._camera.start()
        except (RuntimeError, IndexError, OSError) as error:
            raise FrameSourceError(
                f"{self.name}: cannot be started ({error}). Check its ribbon cable, and that "
                "rpicam-hello shows a picture."
            ) from error
        self._start = monotonic()
        self._index = 0
        self._time_ms = -1.0

    def read(self) -> Frame | None:
        """The next frame."""
        try:
            image = np.ascontiguousarray(self._camera.capture_array("main")[:, :, :3])
        except (RuntimeError, OSError) as error:
            raise FrameSourceError(f"{self.name}: has stopped ({error}).") from error
        self._time_ms = max((monotonic() - self._start) * 1e3, self._time_ms + 0.1)
        self._index += 1
        return Frame(image.astype(np.uint8, copy=False), self._time_ms, self._index - 1)

    def close(self) -> None:
        """Stop the camera."""
        self._camera.stop()
        self._camera.close()


def load_picamera2() -> Any | None:
    """The module picamera2, None where it is not installed."""
    try:
        return importlib.import_module("picamera2")
    except ImportError:
        return None


def pi_camera_numbers() -> list[int]:
    """Numbers of the camera modules that picamera2 sees; webcams, which it lists too, left out."""
    library = load_picamera2()
    if library is None:
        return []
    return [
        number
        for number, info in enumerate(library.Picamera2.global_camera_info())
        if "usb" not in str(info.get("Id", "")).lower()
    ]


def is_pi_device(number: int, names: Path = V4L2_NAMES) -> bool:
    """Whether /dev/videoN is the raw end of a Pi camera, which OpenCV opens but cannot read."""
    try:
        driver = (names / f"video{number}" / "name").read_text().strip().lower()
    except OSError:
        return False
    return driver.startswith(PI_DRIVERS)
