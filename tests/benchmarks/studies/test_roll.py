"""Faces at every roll: the study finds what a single look misses."""

import shutil
from pathlib import Path

import pytest

from benchmarks.studies import roll
from edge_runtime import Face520Error, FaceLandmarker, read_image
from edge_runtime.image_file import write_jpeg
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.photos import DEMO_PHOTO


def test_every_roll_of_a_photo_is_right_and_a_first_look_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll, "ROLLS_DEG", (0, 180))
    write_jpeg(tmp_path / "portrait.jpg", read_image(DEMO_PHOTO)[10:290, 85:365])
    with FaceLandmarker.create(MODEL_PATH, num_threads=1) as landmarker:
        upright, upside_down = roll.measure(tmp_path, landmarker).rows
        (tmp_path / "portrait.jpg").unlink()
        shutil.copy(DEMO_PHOTO, tmp_path)
        small_face = roll.measure(tmp_path, landmarker).rows[1]
        (tmp_path / DEMO_PHOTO.name).unlink()
        with pytest.raises(Face520Error, match="no photo with one sure face"):
            roll.measure(tmp_path, landmarker)
    assert (upright.right_at_first, upright.right, upright.right_in_video) == (1, 1, 1)
    assert upright.repeated == 0
    assert (upside_down.right_at_first, upside_down.right, upside_down.right_in_video) == (0, 1, 1)
    assert upside_down.repeated == 1 and upside_down.wrong == 0
    assert small_face.right == 1, "found in the photo turned as a whole"
    assert "180" in list(roll.report(roll.RollStudy([upright, upside_down])))[2]
