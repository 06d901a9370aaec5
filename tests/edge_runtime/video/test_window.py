import types

import cv2
import numpy as np
import pytest

from edge_runtime import WindowError
from edge_runtime.drawing import Style
from edge_runtime.video import window
from edge_runtime.video.frame_source import Frame
from edge_runtime.video.window import Window, has_windows

FRAME = Frame(np.zeros((4, 5, 3), np.uint8), 0.0, 0)


def test_headless_opencv_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(cv2, "getBuildInformation", lambda: "  GUI:    NONE\n")
    assert not has_windows()
    with pytest.raises(WindowError, match="pip install opencv-python"):
        Window(Style.POINTS)


def test_a_machine_without_a_screen(monkeypatch):
    monkeypatch.setattr(cv2, "getBuildInformation", lambda: "  GUI:    QT5\n")
    monkeypatch.setattr(window, "sys", types.SimpleNamespace(platform="linux"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(WindowError, match="needs a screen"):
        Window(Style.POINTS)


@pytest.mark.parametrize(("key", "visible", "more"), [(-1, 1, True), (ord("q"), 1, False),
                                                      (27, 1, False), (-1, 0, False)])  # fmt: skip
def test_the_user_ends_the_run(monkeypatch, key, visible, more):
    shown = []
    monkeypatch.setattr(cv2, "getBuildInformation", lambda: "  GUI:    GTK3\n")
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("namedWindow", "resizeWindow", "destroyWindow"):
        monkeypatch.setattr(cv2, name, lambda *_: None)
    monkeypatch.setattr(cv2, "imshow", lambda title, image: shown.append(image))
    monkeypatch.setattr(cv2, "waitKey", lambda wait: key)
    monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: visible)
    opened = Window(Style.POINTS)
    opened.write(FRAME, [])
    assert opened.wants_more is more and len(shown) == 1
    assert opened.close() == []
