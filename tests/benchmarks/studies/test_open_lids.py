"""The open photos, whose lids and lips people placed: every face is found, and close."""

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.studies.open_lids import (
    FIRST,
    OUTER_CORNERS,
    REGIONS,
    detected_faces,
    fitted_faces,
    lines,
    mean_distances,
    offsets_percent,
)
from edge_runtime.arrays import FloatArray
from edge_runtime.network.bundled_model import MODEL_PATH
from training.open_faces import OPEN_PHOTOS, OPEN_POINTS68


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


@pytest.mark.slow
def test_labels_of_fit_are_nearer_to_people_s_lips_than_the_model() -> None:
    pytest.importorskip("mediapipe")
    with np.load(OPEN_POINTS68) as stored:
        names, people = stored["name"][:8].tolist(), stored["points"][:8]
    photos = [OPEN_PHOTOS / name for name in names]
    corners = people[:, OUTER_CORNERS]
    unit = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=-1)[:, None, None] / 100

    def distances(seen: Iterator[tuple[int, FloatArray]]) -> list[float]:
        found = dict(seen)
        assert len(found) == len(photos)
        points = np.stack([found[place][FIRST:, :2] for place in range(len(photos))])
        return mean_distances((points - people) / unit)

    fitted, detected = (
        distances(fitted_faces(photos)),
        distances(detected_faces(MODEL_PATH, photos)),
    )
    assert max(fitted) < 4
    assert fitted[1] < detected[1] and fitted[2] < detected[2]
