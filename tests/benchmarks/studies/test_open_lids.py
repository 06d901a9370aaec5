"""The open photos, whose lids and lips people placed: every face is found, and close."""

import pytest

from benchmarks.studies.open_lids import FIRST, REGIONS, lines, mean_distances, offsets_percent
from edge_runtime.face_landmarker import MODEL_PATH


def test_main_finds_everybody_and_their_lids() -> None:
    photos, offsets = offsets_percent(MODEL_PATH)
    assert len(photos) == 102 and offsets.shape == (102, 68 - FIRST, 2)
    found = mean_distances(offsets)
    assert len(found) == len(REGIONS) and max(found) < 5


@pytest.mark.slow
def test_the_held_out_are_told_apart() -> None:
    head, held_out, others, missed = lines(MODEL_PATH)
    assert "inner lips" in head and missed.startswith("missed: 0")
    counts = [int(held_out.split()[2]), int(others.split()[2])]
    assert sum(counts) == 102 and 5 <= counts[0] <= 20
