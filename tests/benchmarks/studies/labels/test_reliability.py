"""The most that a model can score, told from two models that err apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.studies.labels.reliability import Reliability, interval, lines
from edge_runtime import FaceLandmarker, read_image
from edge_runtime.layout import layout520
from edge_runtime.network.bundled_model import MODEL_PATH
from training.dataset.manifest import Manifest, Shard
from training.dataset.records import FaceRecord, LabelSource, write_shard
from training.errors import DatasetError
from training.open_faces import OPEN_PHOTOS


def test_errors_of_known_size() -> None:
    """Of a variance of 1.5 in the labels, 1 is the eye itself."""
    rng = np.random.default_rng(1)
    eye = rng.normal(size=20_000)
    label, first, second = (eye + rng.normal(size=eye.size) * np.sqrt(part) for part in (0.5, 1, 2))
    found = Reliability.of(label, first, second)
    assert found.of_first == pytest.approx(1 / np.sqrt(1.5 * 2), abs=0.02)
    assert found.most == pytest.approx(np.sqrt(1 / 1.5), abs=0.02)
    assert found.true_slope == pytest.approx(np.polyfit(label, eye, 1)[0], abs=0.02)
    low, high = interval(label[:500], first[:500], second[:500])
    assert low < np.sqrt(1 / 1.5) < high < low + 0.2
    assert np.isnan(Reliability(0.5, -0.2, 0.4).most)


def test_a_model_without_errors_reaches_the_most() -> None:
    rng = np.random.default_rng(2)
    eye = rng.normal(size=500)
    found = Reliability.of(eye + rng.normal(size=500), eye, eye + rng.normal(size=500))
    assert found.of_first == pytest.approx(found.most, abs=0.1)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Six people with main's landmarks for labels, of which one has no word of people."""
    faces = []
    with FaceLandmarker.create(MODEL_PATH) as landmarker:
        for photo in sorted(OPEN_PHOTOS.rglob("*.jpg"))[:6]:
            points = landmarker.detect(read_image(photo))[0].points
            people = LabelSource.PEOPLE
            faces.append(
                FaceRecord(photo.stem, photo.read_bytes(), points, 0.0, label_source=people)
            )
    faces[0] = replace(faces[0], label_source=LabelSource.MESH)
    write_shard(tmp_path / "val.tfrecord", faces)
    shard = Shard("val.tfrecord", "val", len(faces), "")
    Manifest(layout520().reference, len(layout520()), {"made": "up"}, (shard,)).write(
        Manifest.path_in(tmp_path)
    )
    return tmp_path


@pytest.mark.slow
def test_eyes_and_mouths_of_two_models_are_told(dataset: Path) -> None:
    pytest.importorskip("mediapipe")
    head, *rows, last = lines(dataset)
    assert head.split() == [
        "model",
        "mediapipe-attention",
        "each",
        "other",
        "at",
        "most",
        "95",
        "%",
        "slope",
    ]
    assert [row.split(", ")[0] for row in rows] == ["main_float16"] * 2 + ["small_int8"] * 2
    assert float(rows[0].split()[2]) > 0.9, "its own landmarks"
    assert last.startswith("5 faces")


def test_a_dataset_in_which_nobody_placed_lids(dataset: Path) -> None:
    empty = Manifest.read(dataset)
    write_shard(dataset / "val.tfrecord", [])
    replace(empty, shards=(Shard("val.tfrecord", "val", 0, ""),)).write(Manifest.path_in(dataset))
    with pytest.raises(DatasetError, match="people placed the lids of 0"):
        list(lines(dataset))
