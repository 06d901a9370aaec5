"""Scenes made of portraits, and what is found in them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks.studies.face_scenes import cut_outs, make_scene
from benchmarks.studies.faces_by_width import FinderScore, compare, film, lies_on, report
from edge_runtime import Face520Error, FaceLandmarker
from edge_runtime.network.bundled_model import MODEL_PATH

PORTRAITS = Path(__file__).parents[3] / "training" / "open_faces" / "photos"
SCENES = int(os.environ.get("FACE520_SCENES", 0))


@pytest.fixture(scope="module")
def landmarker() -> FaceLandmarker:
    return FaceLandmarker.create(MODEL_PATH, num_threads=1)


def test_a_small_scene(landmarker: FaceLandmarker, tmp_path: Path) -> None:
    """Two people, from portraits to a scene to what is found in it."""
    for path in sorted(PORTRAITS.rglob("*_neutral.jpg"))[:2]:
        shutil.copy(path, tmp_path)
    people = cut_outs(tmp_path, landmarker)
    assert len(people) == 2
    widths = [110.0, 30.0, 24.0]
    scene = make_scene(people, (640, 400), np.random.default_rng(3), widths)
    assert [face.width_px for face in scene.faces] == pytest.approx(widths, rel=0.03)
    results = [face.box for face in landmarker.detect(scene.image)]
    assert [lies_on(box, face) for box, face in zip(results, scene.faces)] == [True] * 3
    score = FinderScore("ours")
    score.add(scene, [*results, results[0]], 0.1)
    assert sum(score.found) == 3 and score.false == 1, "a face found twice is one too many"
    assert score.precision == 0.75 and score.recalls()[1:3] == [1.0, 1.0]


def test_a_folder_without_portraits(landmarker: FaceLandmarker, tmp_path: Path) -> None:
    with pytest.raises(Face520Error):
        cut_outs(tmp_path, landmarker)


@pytest.mark.skipif(not SCENES, reason="slow: FACE520_SCENES=100")
def test_the_bars(landmarker: FaceLandmarker) -> None:
    """What the project promises of faces near and far; the command prints the same table."""
    people = cut_outs(PORTRAITS, landmarker)
    scores, filmed = compare(people, SCENES), film(people, max(SCENES // 4, 1))
    print("\n".join(report(scores, filmed)))
    _, from_20, from_28, *from_48 = scores[0].recalls()
    assert from_20 >= 0.85 and from_28 >= 0.95 and min(from_48) >= 0.99
    assert scores[0].false <= max(SCENES // 100, 1)
    assert filmed.runs_a_frame <= 4
