"""Labels averaged with a model's answers: which faces, by how much, and through the mirror."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from edge_runtime.crop import CropRegion
from edge_runtime.layout import layout520
from training.cli import app
from training.dataset.builder import build_dataset
from training.dataset.dataset import Dataset
from training.dataset.manifest import Manifest
from training.dataset.records import FaceRecord
from training.errors import DatasetError
from training.run.scored_model import ScoredModel
from training.sources.relabelled_records import VIEWS, RelabelledSources, model_landmarks

MODEL = Path(__file__).parents[3] / "training" / "released" / "small"
SIZE_PX = 32
SHAPE_SIZE = np.float32(0.6)  # of what the made-up model predicts, over the crop


def ring_model() -> ScoredModel:
    """Says the mean shape around the middle of the crop's bright ring, however it is mirrored."""

    def landmarks(crops: np.ndarray) -> np.ndarray:
        bright = (crops.mean(axis=-1) > 110).astype(np.float32)
        grid = np.arange(SIZE_PX, dtype=np.float32) - (SIZE_PX - 1) / 2
        total = bright.sum(axis=(1, 2))
        center = np.stack([bright.sum(axis=1) @ grid, bright.sum(axis=2) @ grid], axis=-1)
        predicted = np.repeat(layout520().mean_shape[None] * SHAPE_SIZE, len(crops), axis=0)
        predicted[..., :2] += (center / total[:, None] / SIZE_PX)[:, None]
        return predicted

    return ScoredModel("ring", SIZE_PX, landmarks, presence=None)


def test_answers_are_brought_back_from_every_view(tiny_faces: list[FaceRecord]) -> None:
    """Crops are moved, rolled and mirrored; a model that finds the ring finds it in the photo."""
    face = tiny_faces[0]
    predicted = model_landmarks(ring_model(), face, layout520(), np.random.default_rng(0))
    bright = face.image().mean(axis=-1) > 110
    ring = np.array([bright.nonzero()[1].mean(), bright.nonzero()[0].mean()])
    side_px = CropRegion.around_landmarks(face.landmarks).side_px
    expected = ring + SHAPE_SIZE * side_px * layout520().mean_shape[:, :2]
    # Views differ in scale by 5 % and in roll by 8 degrees, of which the mean of eight keeps some.
    np.testing.assert_allclose(predicted[:, :2], expected, atol=0.06 * side_px)
    np.testing.assert_allclose(predicted[:, :2].mean(axis=0), expected.mean(axis=0), atol=1)
    # Mirrored views have left for right; put back, the outer corners of the eyes are in order.
    assert predicted[36, 0] < predicted[45, 0] and predicted[0, 0] < predicted[16, 0]


def test_a_layout_without_pairs_is_looked_at_unmirrored(tiny_faces: list[FaceRecord]) -> None:
    rng = np.random.default_rng(0)
    scattered = layout520().mean_shape + rng.normal(0, 0.2, (520, 3)).astype(np.float32)
    seen: list[np.ndarray] = []
    model = ring_model()

    def spy(crops: np.ndarray) -> np.ndarray:
        seen.append(crops)
        return model.landmarks(crops)

    for layout in (layout520(), replace(layout520(), mean_shape=scattered)):
        spying = replace(model, landmarks=spy)
        model_landmarks(spying, tiny_faces[0], layout, np.random.default_rng(3))
    paired, unpaired = seen
    assert len(paired) == len(unpaired) == VIEWS
    np.testing.assert_array_equal(paired[::2], unpaired[::2])
    np.testing.assert_array_equal(paired[1::2], unpaired[1::2, :, ::-1])


@pytest.fixture(scope="module")
def relabelled(tiny_dataset: Path, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("relabelled") / "faces"
    arguments = ["dataset", "relabel", str(tiny_dataset), "--model", str(MODEL)]
    result = CliRunner().invoke(app, [*arguments, "--output", str(folder), "-j", "1"])
    assert result.exit_code == 0, result.output
    assert "24 faces to train on, 8 held out" in result.output
    return folder


@pytest.mark.slow
def test_training_labels_move_half_way_and_held_out_ones_stay(
    relabelled: Path, tiny_dataset: Path
) -> None:
    before, after = (
        {face.name: face for face in Dataset.open(path).split("train")}
        for path in (tiny_dataset, relabelled)
    )
    assert before.keys() == after.keys()
    model = ScoredModel.open(MODEL)
    for index, name in enumerate(before):
        rng = np.random.default_rng(index)
        predicted = model_landmarks(model, before[name], layout520(), rng)
        expected = (before[name].landmarks + predicted) / 2
        expected[:, 2] -= expected[:, 2].mean()
        np.testing.assert_allclose(after[name].landmarks, expected, atol=0.01)
        assert after[name].encoded_image == before[name].encoded_image
    held_out = [
        sorted(Dataset.open(p).split("val"), key=lambda f: f.name)
        for p in (tiny_dataset, relabelled)
    ]
    for old, new in zip(*held_out, strict=True):
        assert old.name == new.name
        np.testing.assert_array_equal(old.landmarks, new.landmarks)


@pytest.mark.slow
def test_the_manifest_tells_the_model_and_its_share(relabelled: Path, tiny_dataset: Path) -> None:
    sources = Manifest.read(relabelled).sources
    assert Manifest.read(tiny_dataset).sources.items() < sources.items()
    assert len(sources["relabelled_by"]) == 64 and sources["relabelled_share"] == "0.5"


@pytest.mark.slow
def test_another_share_is_another_dataset(relabelled: Path, tiny_dataset: Path) -> None:
    other = RelabelledSources(Dataset.open(tiny_dataset), MODEL, 0.25)
    with pytest.raises(DatasetError, match="other photos"):
        build_dataset(other, relabelled, 1, lambda shard, done, total: None)
