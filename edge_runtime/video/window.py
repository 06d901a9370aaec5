"""Frames with the landmarks drawn on them, on the screen."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2

from edge_runtime.drawing import Style, draw_landmarks
from edge_runtime.errors import WindowError
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.image_file import to_bgr
from edge_runtime.video.frame_source import Frame

ESCAPE_KEY = 27
REMEDY = (
    "The installed OpenCV is the headless one, which has no windows. Run: "
    "pip uninstall opencv-python-headless; pip install opencv-python"
)
ELSEWHERE = "Run it in a desktop session, or write a video with --output."
TRIAL = "import cv2; cv2.namedWindow('face520')"


class Window:
    """A `FrameSink`; q, Escape or closing the window ends the run. Raises WindowError.

    All its methods belong to the main thread.
    """

    def __init__(self, style: Style, title: str = "face520 - q to quit") -> None:
        if not has_windows():
            raise WindowError(f"--show needs a window. {REMEDY}")
        if sys.platform == "linux":
            _check_screen()
        self.wants_more = True
        self._style, self._title = style, title
        self._is_open = False

    def write(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Show the frame."""
        drawn = draw_landmarks(frame.image, faces, self._style)
        try:
            if not self._is_open:
                cv2.namedWindow(self._title, cv2.WINDOW_NORMAL)
                cv2.resizeWindow(self._title, frame.image.shape[1], frame.image.shape[0])
                self._is_open = True
            cv2.imshow(self._title, to_bgr(drawn))
            key = cv2.waitKey(1) & 0xFF
            is_visible = cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error as error:
            raise WindowError(f"The window cannot be shown ({error.err}).") from error
        self.wants_more = is_visible and key not in (ESCAPE_KEY, ord("q"))

    def close(self) -> list[Path]:
        """Close the window; writes no files."""
        if self._is_open:
            cv2.destroyWindow(self._title)
        return []


def _check_screen() -> None:
    """Raise WindowError where no window can be opened.

    OpenCV's window library would end the process, and with it whatever is being written: so it is
    asked in another one.
    """
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise WindowError(
            f"--show needs a screen, and neither DISPLAY nor WAYLAND_DISPLAY is set. {ELSEWHERE}"
        )
    asked = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, text=True)
    if asked.returncode:
        reason = asked.stderr.strip().splitlines() or [f"exit status {asked.returncode}"]
        raise WindowError(f"--show cannot open a window here ({reason[0]}). {ELSEWHERE}")


def has_windows() -> bool:
    """Whether this OpenCV was built with a window library."""
    for line in cv2.getBuildInformation().splitlines():
        name, _, value = line.strip().partition(":")
        if name == "GUI":
            return value.strip() not in ("", "NONE")
    return False
