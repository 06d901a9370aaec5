"""The README's Python runs as it stands there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import cv2
import pytest

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
