"""The window of --show, on a screen of its own (Xvfb) with a person's keys (xdotool).

The one thing made up is what OpenCV says of its build: a headless OpenCV cannot be installed beside
the one that opens windows here.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import WindowError
from edge_runtime.drawing import Style
from edge_runtime.video.window import Window, has_windows

WIDTH_PX, HEIGHT_PX = 640, 480
COLOUR = (250, 60, 20)  # RGB, of the picture shown; no other thing on the screen is of that colour
LONGEST_S = 60.0
CLIENT_MESSAGE = 33  # of X.h
SHOW = f"""
import time
import numpy as np
from edge_runtime.drawing import Style
from edge_runtime.video.frame_source import Frame
from edge_runtime.video.window import Window

window = Window(Style.POINTS)
frame = Frame(np.full((120, 160, 3), {COLOUR}, np.uint8), 0.0, 0)
while window.wants_more:
    window.write(frame, [])
    time.sleep(0.01)
assert window.close() == []
"""

has_screen = pytest.mark.skipif(
    not (has_windows() and shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs an OpenCV with windows, Xvfb and xdotool",
)


class CloseMessage(ctypes.Structure):
    """Xlib's XClientMessageEvent, padded to the size of XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 17),
    )


@dataclass(frozen=True)
class Screen:
    """A screen that nobody looks at; the server keeps its pixels in a file, as xwd would."""

    display: str
    file: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def shows(self, rgb: tuple[int, int, int]) -> bool:
        """Whether a good part of the screen has that colour."""
        header = np.fromfile(self.file, ">u4", 25)
        pixels = np.fromfile(self.file, np.uint8)[int(header[0] + 12 * header[19]) :]
        bgrx = pixels[: WIDTH_PX * HEIGHT_PX * 4].reshape(HEIGHT_PX, WIDTH_PX, 4)
        return bool((bgrx[:, :, 2::-1] == rgb).all(axis=2).mean() > 0.01)

    def press_close_button(self, window: int) -> None:
        """Ask a window to close, as the window manager does, which this screen has not."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(self.display.encode()))
        protocols, delete = (
            x11.XInternAtom(display, name, False) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
        )
        message = CloseMessage(CLIENT_MESSAGE, 0, True, display, window, protocols, 32, (delete,))
        x11.XSendEvent(display, ctypes.c_ulong(window), False, 0, ctypes.byref(message))
        x11.XCloseDisplay(display)

    def person(self, *command: str) -> str:
        """What a person does with keys and mouse, in the words of xdotool."""
        done = subprocess.run(
            ["xdotool", *command], env=self.environment, capture_output=True, text=True, timeout=30
        )
        return done.stdout.strip()


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    folder = tmp_path_factory.mktemp("screen")
    size = f"{WIDTH_PX}x{HEIGHT_PX}x24"
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-fbdir", str(folder)]
    # Without -noreset it starts anew when xdotool, its only guest, leaves, and whoever comes just
    # then is turned away.
    command += ["-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert server.stdout is not None
        number = server.stdout.readline().decode().strip()
        yield Screen(f":{number}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait(LONGEST_S)


def until(condition: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + LONGEST_S
    while not condition():
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < end, "the window does not show the picture"
        time.sleep(0.05)


@has_screen
@pytest.mark.parametrize("how", ["q", "Escape", "closed"])
def test_the_user_ends_the_run(screen: Screen, how: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SHOW], env=screen.environment, stderr=subprocess.PIPE
    )
    try:
        until(lambda: screen.shows(COLOUR), process)
        window = screen.person("search", "--name", "face520 - q to quit").split()[0]
        screen.person("windowfocus", window, "key", "x")
        time.sleep(0.5)
        assert process.poll() is None, "any other key does nothing"
        if how == "closed":
            screen.press_close_button(int(window))
        else:
            screen.person("windowfocus", window, "key", how)
        assert process.wait(LONGEST_S) == 0, process.stderr and process.stderr.read().decode()
    finally:
        process.kill()
        process.communicate()
    assert not screen.shows(COLOUR)


@has_screen
def test_the_command_shows_the_frames_and_ends_in_order(
    screen: Screen, photo: np.ndarray, model_path: Path, tmp_path: Path
) -> None:
    width, height = photo.shape[1], photo.shape[0]
    command = [sys.executable, "-m", "edge_runtime", "--raw", f"{width}x{height}:rgb24", "--show"]
    process = subprocess.Popen(
        [*command, "--model", str(model_path), "--fps", "30", "--output", str(tmp_path)],
        env=screen.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    end = time.monotonic() + LONGEST_S
    try:
        while process.poll() is None and time.monotonic() < end:
            process.stdin.write(photo.tobytes())
            if window := screen.person("search", "--name", "face520 - q to quit"):
                screen.person("windowfocus", window.split()[0], "key", "q")
    except BrokenPipeError:
        pass
    finally:
        process.stdin.close()
        said = process.stdout.read().decode() if process.stdout else ""
        complaint = process.stderr.read().decode() if process.stderr else ""
        assert process.wait(LONGEST_S) == 0, complaint
    assert "1.00 faces a frame" in said
    assert (tmp_path / "stdin.jsonl").stat().st_size > 1000


def test_headless_opencv_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "getBuildInformation", lambda: "  GUI:    NONE\n")
    assert not has_windows()
    with pytest.raises(WindowError, match="pip install opencv-python"):
        Window(Style.POINTS)


@pytest.mark.skipif(not has_windows(), reason="a headless OpenCV is named first")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have always a screen")
def test_a_machine_without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(WindowError, match="needs a screen"):
        Window(Style.POINTS)


@pytest.mark.skipif(not has_windows(), reason="a headless OpenCV is named first")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have always a screen")
def test_a_screen_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a Pi over ssh with the DISPLAY of yesterday: asked directly, Qt aborts."""
    monkeypatch.setenv("DISPLAY", ":987")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(WindowError, match=r"cannot open a window here .*:987"):
        Window(Style.POINTS)
