"""Turned photos in a dataset: the plan of the yaws, the records, the build."""

from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from typer.testing import CliRunner

from training.cli import app
from training.dataset.builder import build_dataset
from training.dataset.dataset import Dataset
from training.dataset.manifest import Manifest
from training.errors import DatasetError
from training.fitting.fitted_photos import FittedPhotos
from training.sources import turned_photo_records
from training.sources.fitted_photo_records import FittedPhotoSources
from training.sources.head_turner import HeadTurner, TurnedPhoto, rotation_between_views
from training.sources.mesh_raster import rasterise
from training.sources.turn_plan import LARGEST_TURN_DEG, SMALLEST_TURN_DEG, plan_turns
from training.sources.turned_photo_records import TurnedPhotoRecords, TurnedPhotoSources

SIDE_PX = 160
SLOWER_PROCESSORS = 4  # and busier ones: what the limit allows for


@pytest.fixture(scope="module")
def turned_sources(
    face_model_path: Path, layout_path: Path, fitted_photos_paths: tuple[Path, Path]
) -> TurnedPhotoSources:
    fitted = FittedPhotoSources(*fitted_photos_paths, face_model_path, layout_path)
    return TurnedPhotoSources(fitted, share=0.5)


@pytest.fixture(scope="module")
def turned_dataset(turned_sources: TurnedPhotoSources, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("turned") / "faces"
    build_dataset(turned_sources, path, processes=1, on_shard=lambda shard, done, total: None)
    return path


def test_the_plan_makes_large_yaws_as_common_as_small_ones() -> None:
    rng = np.random.default_rng(4)
    yaw_deg = rng.normal(0, 25, 4000).clip(-90, 90)
    held_out = rng.random(4000) < 0.1
    turns = plan_turns(yaw_deg, held_out, share=1.0)
    assert turns == plan_turns(yaw_deg, held_out, share=1.0)
    assert len(turns) == (~held_out).sum()
    photos = np.array([turn.photo for turn in turns])
    new_yaws = np.array([turn.yaw_deg for turn in turns])
    assert not held_out[photos].any()
    assert (np.sign(new_yaws) == np.sign(yaw_deg[photos])).all()
    further = np.abs(new_yaws) - np.abs(yaw_deg[photos])
    assert further.min() >= SMALLEST_TURN_DEG and further.max() <= LARGEST_TURN_DEG
    bins = np.arange(0, 91, 10)
    before = np.histogram(np.abs(yaw_deg[~held_out]), bins)[0]
    after = before + np.histogram(np.abs(new_yaws), bins)[0]
    assert after[3:].min() > 0.9 * after[3:].max()
    assert before[3:].min() < 0.1 * before[3:].max()


def test_turned_faces_are_added_to_the_training_split_alone(
    turned_dataset: Path, dataset_path: Path
) -> None:
    manifest = Manifest.read(turned_dataset)
    assert (manifest.count("train"), manifest.count("val")) == (30, 4)
    assert manifest.sources["turned"] == "0.5"
    records = {split: list(Dataset.open(turned_dataset).split(split)) for split in ("train", "val")}
    assert not [record for record in records["val"] if "~" in record.name]
    turned = [record for record in records["train"] if "~" in record.name]
    assert len(turned) == 10
    plain = {record.name: record for record in Dataset.open(dataset_path).split("train")}
    for record in turned:
        source = plain[record.name.split("~")[0]]
        assert abs(record.yaw_deg) > abs(source.yaw_deg)
        assert record.name.endswith(f"~yaw{record.yaw_deg:+.0f}")
        assert record.image().shape == (SIDE_PX, SIDE_PX, 3)
        assert abs(record.landmarks[:, 2].mean()) < 1e-3
    for record in records["train"]:
        if record.name in plain:
            expected = plain[record.name].landmarks
            np.testing.assert_allclose(record.landmarks, expected, atol=2e-3)


def test_a_record_turns_by_the_difference_of_the_yaws(
    turned_sources: TurnedPhotoSources, turned_dataset: Path, dataset_path: Path
) -> None:
    """The labels before and after differ by one rotation: that of the plan."""
    photos = FittedPhotos.load(turned_sources.fitted.photos, turned_sources.fitted.fits)
    plain = {record.name: record for record in Dataset.open(dataset_path).split("train")}
    turns = {(photos.names[t.photo], t.yaw_deg): t for t in turned_sources.turns(photos)}
    checked = 0
    for record in Dataset.open(turned_dataset).split("train"):
        source = record.name.split("~")[0]
        for (name, yaw_deg), turn in turns.items():
            if name != source or abs(yaw_deg - record.yaw_deg) > 1e-3 or "~" not in record.name:
                continue
            before = plain[name].landmarks - plain[name].landmarks.mean(axis=0)
            rotation = rotation_between_views(
                plain[name].yaw_deg, record.yaw_deg, turn.pitch_change_deg
            )
            expected = before @ rotation.T
            after = record.landmarks - record.landmarks.mean(axis=0)
            scale = np.linalg.norm(after) / np.linalg.norm(expected)
            np.testing.assert_allclose(after, expected * scale, atol=0.02)
            checked += 1
    assert checked


def test_another_share_is_another_dataset(
    turned_sources: TurnedPhotoSources, turned_dataset: Path
) -> None:
    more = replace(turned_sources, share=0.6)
    with pytest.raises(DatasetError, match="--output"):
        build_dataset(more, turned_dataset, 1, lambda shard, done, total: None)


def test_faces_that_would_be_mostly_invented_are_turned_less(
    turned_sources: TurnedPhotoSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = TurnedPhotoRecords(turned_sources)
    turn = records.turns[0]
    yaw_deg = float(records.photos.yaw_deg[turn.photo])
    asked = []

    def turned(image: object, vertices: np.ndarray, rotation: np.ndarray, side_px: int):
        asked.append(rotation)
        raster = rasterise(vertices, np.zeros((0, 3), np.int32), 2)
        invented = 0.9 if len(asked) < 3 else 0.1
        return TurnedPhoto(np.zeros((2, 2, 3), np.uint8), vertices, raster, invented)

    monkeypatch.setattr(HeadTurner, "turn", lambda self, *args: turned(*args))
    photo = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    new_yaw_deg = records._turned(turn, photo, records.head.neutral, yaw_deg)[1]
    assert len(asked) == 3
    assert new_yaw_deg == pytest.approx(yaw_deg + (turn.yaw_deg - yaw_deg) / 4)


@pytest.mark.slow
def test_two_cores_turn_150_photos_a_second(
    real_data: Path, layout_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read, turned, painted at 128 px, labelled and encoded; `pytest -s` prints the rate."""
    monkeypatch.setattr(turned_photo_records, "SIDE_PX", 128)
    names = ("faces.zip", "fits.npz", "face_model.npz")
    fitted = FittedPhotoSources(*(real_data / name for name in names), layout_path)
    records = TurnedPhotoRecords(TurnedPhotoSources(fitted, share=0.5))
    first = len(records.photos)
    list(records.records(range(first, first + 4)))
    start = process_time()
    made = list(records.records(range(first, first + 150)))
    rate = len(made) / (process_time() - start)
    print(f"{rate:.0f} turned photos per CPU second")
    assert made[0].image().shape == (128, 128, 3)
    assert rate > 75 / SLOWER_PROCESSORS


def test_maps_cannot_be_turned(tmp_path: Path) -> None:
    options = ["--position-maps", str(tmp_path), "--turned", "0.5", "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(app, ["dataset", "build", *options])
    assert result.exit_code == 2
    assert "needs fitted photos" in result.output
    assert not (tmp_path / "out").exists()
