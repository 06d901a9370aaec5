"""Shapes of two people, seen several times, through the study."""

import shutil
from pathlib import Path

import pytest

from benchmarks.studies import face_shape
from edge_runtime import Face520Error

PORTRAITS = Path(__file__).parents[3] / "training" / "open_faces" / "photos"


def test_two_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_shape, "WIDTHS_PX", (100,))
    for path in sorted(PORTRAITS.rglob("*.jpg"))[:4]:
        shutil.copy(path, tmp_path)
    same, smiling, others = face_shape.lines(tmp_path)
    assert "one photo" in same and "1.000 may be one" in same
    assert "neutral and smiling" in smiling and "two people" in others
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    with pytest.raises(Face520Error, match="two people"):
        list(face_shape.lines(tmp_path))
