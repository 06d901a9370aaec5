"""The README's Python runs as it stands there."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.video.frame_source import Frame
from edge_runtime.video.json_lines import frame_to_json
from edge_runtime.wires.udp_lines import brief, encode

README = Path(__file__).parents[2] / "edge_runtime" / "README.md"


def block(word: str) -> str:
    """The Python of the README in which the word stands."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (found,) = [one for one in blocks if word in one]
    return found


def test_blinks_of_a_camera(clip: Path, monkeypatch, capsys) -> None:
    opened = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda number: opened(str(clip)))
    exec(block("count_blinks"), {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 30 and "PERCLOS" in lines[0]


def test_expression_and_distance_of_a_photo(
    photo_path: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    shutil.copy(photo_path, tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    exec(block("transformation("), {})
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("distance in cm:")
    # A face of 14.7 cm that is 93 px large, through a focal length of 418 px.
    assert float(last.split()[-1]) == pytest.approx(14.7 / 93 * 418, rel=0.05)


def test_the_reader_of_datagrams(lively_face, monkeypatch, capsys) -> None:
    frame = Frame(np.zeros((480, 640, 3), np.uint8), 0.0, 7)
    sent = [encode(brief(frame_to_json(frame, [lively_face], "main")))] * 2

    class Receiver:
        __enter__ = bind = lambda self, *address: self
        __exit__ = lambda self, *error: None  # noqa: E731 - as short as a made-up socket can be

        def recv(self, size: int) -> bytes:
            if not sent:
                raise KeyboardInterrupt
            return sent.pop()

    monkeypatch.setattr(socket, "socket", lambda *kind: Receiver())
    with pytest.raises(KeyboardInterrupt):
        exec(block("receiver.bind"), {})
    assert capsys.readouterr().out.splitlines() == ["7 1.0 0.4902"] * 2
