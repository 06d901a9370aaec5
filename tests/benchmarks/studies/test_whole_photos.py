"""Whole photos against true boxes: what is cut away, and what is counted."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks.studies import whole_photos
from benchmarks.studies.whole_photos import CUTS, WholePhotos, cut, measure, measure_cut, report
from edge_runtime import Box


def test_landmarks_stay_where_they_are_in_what_is_left() -> None:
    """The picture tells its own columns and rows; the cut one is enlarged."""
    column, row = np.meshgrid(np.arange(120), np.arange(100))
    picture = np.stack([column, row, row], axis=-1).astype(np.uint8)
    truth = np.random.default_rng(1).uniform((40, 30), (80, 70), (68, 2)).astype(np.float32)
    for beyond in CUTS.values():
        part, moved = cut(picture, truth, beyond)
        assert max(part.shape) == whole_photos.CUT_SIDE_PX
        height, width = part.shape[:2]
        inside = ((moved > 8) & (moved < (width - 9, height - 9))).all(axis=1)
        x, y = np.rint(moved[inside]).astype(int).T
        np.testing.assert_allclose(part[y, x, :2], truth[inside], atol=1)


def test_a_cut_leaves_out_its_part_of_the_face() -> None:
    picture, truth = np.zeros((400, 400, 3), np.uint8), np.float32([[100, 100], [300, 300]])
    part, moved = cut(picture, truth, CUTS["cut below by 25 %"])
    box, (height, _) = Box.around(moved), part.shape[:2]
    assert (box.bottom - (height - 1)) / box.height == pytest.approx(0.25, abs=0.02)


def test_a_missed_face_is_counted_and_enters_no_mean() -> None:
    yaws_deg = np.array([0.0, 10, 40, 80])
    found = WholePhotos(yaws_deg, np.array([1.0, 9, 2, 3]), np.array([2.0, np.nan, 2, 6]))
    lines = [line.split() for line in report(found)]
    assert lines[1][1:] == ["2", "1", "1.000", "2.000", "+1.000"]
    assert lines[-1][-3:] == ["2.000", "3.333", "+1.333"]


@pytest.mark.slow
def test_held_out_photos_are_found_whole_and_cut(real_data: Path, monkeypatch) -> None:
    some = list(islice(whole_photos.pictures(real_data), 40))
    monkeypatch.setattr(whole_photos, "pictures", lambda _: iter(some))
    found = measure(real_data)
    assert found.is_missed.sum() <= 2
    assert np.nanmean(found.of_runtime) < 1.3 * found.of_true_square.mean()
    shares = measure_cut(real_data)
    assert shares["fills the picture"] > 0.8 and min(shares.values()) > 0.3
