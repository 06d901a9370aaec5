"""Datasets: what is built, that a build resumes, and that damage is noticed."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.layout import LAYOUT520_PATH, layout520
from training.dataset.builder import build_dataset
from training.dataset.dataset import Dataset
from training.dataset.manifest import Manifest
from training.errors import DatasetError, RecordError
from training.face.face_model import FaceModel
from training.fitting.fitted_photos import FittedPhotos
from training.sources.fitted_photo_records import FittedPhotoRecords, FittedPhotoSources


@pytest.fixture
def sources(
    face_model_path: Path, layout_path: Path, fitted_photos_paths: tuple[Path, Path]
) -> FittedPhotoSources:
    return FittedPhotoSources(*fitted_photos_paths, face_model_path, layout_path)


@pytest.fixture
def copy(dataset_path: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(dataset_path, tmp_path / "copy"))


def test_every_photo_is_in_one_split(dataset_path: Path) -> None:
    manifest = Manifest.read(dataset_path)
    assert (manifest.count("train"), manifest.count("val")) == (20, 4)
    names = [r.name for split in ("train", "val") for r in Dataset.open(dataset_path).split(split)]
    assert sorted(names) == [f"face_{number:03d}.png" for number in range(24)]
    assert manifest.layout == "face520/1"


def test_a_dataset_is_its_folders_and_goes_to_processes(dataset_path: Path) -> None:
    dataset = Dataset.open(dataset_path)
    sent = pickle.loads(pickle.dumps(dataset))
    assert sent == dataset and hash(sent) == hash(dataset)
    assert len(sent.index("train")) == 20


def test_labels_pass_through_the_68_landmarks(
    dataset_path: Path, face_model_path: Path, fitted_photos_paths: tuple[Path, Path]
) -> None:
    model, photos = FaceModel.load(face_model_path), FittedPhotos.load(*fitted_photos_paths)
    for record in Dataset.open(dataset_path).split("val"):
        index = photos.names.index(record.name)
        expected = photos.landmarks68(model, [index])[0]
        np.testing.assert_allclose(record.landmarks[:68, :2], expected[:, :2], atol=0.3)
        assert abs(record.landmarks[:, 2].mean()) < 1e-3
        assert record.landmarks.shape == (len(layout520()), 3)


def test_real_labels_pass_through_the_68_landmarks(real_data: Path) -> None:
    photos = FittedPhotos.load(real_data / "faces.zip", real_data / "fits.npz")
    sources = FittedPhotoSources(
        photos.zip_path, real_data / "fits.npz", real_data / "face_model.npz", LAYOUT520_PATH
    )
    faces = FittedPhotoRecords(sources)
    errors, some = [], range(0, len(photos), 1000)
    for index, record in zip(some, faces.records(some)):
        expected = photos.landmarks68(faces.head, [index])[0]
        errors.append(np.abs(record.landmarks[:68, :2] - expected[:, :2]))
    assert np.mean(errors) < 0.01
    assert np.max(errors) < 0.3


def test_a_finished_build_is_not_repeated(copy: Path, sources: FittedPhotoSources) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in copy.glob("*.tfrecord")}
    build_dataset(sources, copy, processes=1, on_shard=lambda shard, done, total: None)
    assert {path.name: path.stat().st_mtime_ns for path in copy.glob("*.tfrecord")} == before


@pytest.mark.slow
def test_a_missing_and_a_damaged_shard_are_built_again(
    copy: Path, sources: FittedPhotoSources
) -> None:
    whole = {path.name: path.read_bytes() for path in copy.glob("*.tfrecord")}
    (copy / "val-00000-of-00001.tfrecord").unlink()
    (copy / "train-00000-of-00001.tfrecord").write_bytes(b"half")
    seen = []
    build_dataset(sources, copy, 1, lambda shard, done, total: seen.append((done, total)))
    assert {path.name: path.read_bytes() for path in copy.glob("*.tfrecord")} == whole
    assert seen[-1] == (24, 24)
    assert not list(copy.glob(".face520-*"))


def test_a_folder_of_other_sources_is_not_overwritten(
    copy: Path, sources: FittedPhotoSources, tmp_path: Path
) -> None:
    other = tmp_path / "layout.json"
    other.write_text(sources.layout.read_text() + "\n")
    changed = FittedPhotoSources(sources.photos, sources.fits, sources.face_model, other)
    with pytest.raises(DatasetError, match="other photos, fits, maps or layout"):
        build_dataset(changed, copy, processes=1, on_shard=lambda shard, done, total: None)


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="face520-train dataset build"):
        Manifest.read(tmp_path)


def test_a_damaged_manifest_is_named(copy: Path) -> None:
    Manifest.path_in(copy).write_text('{"layout": "face520/1"}')
    with pytest.raises(DatasetError, match=r"manifest\.json: not a dataset manifest"):
        Manifest.read(copy)


def test_a_lost_shard_is_named(copy: Path) -> None:
    (copy / "val-00000-of-00001.tfrecord").unlink()
    with pytest.raises(DatasetError, match=r"val-00000-of-00001\.tfrecord: missing shard"):
        next(Dataset.open(copy).split("val"))


def test_a_truncated_shard_is_named(copy: Path) -> None:
    path = copy / "val-00000-of-00001.tfrecord"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(RecordError, match=r"val-00000-of-00001\.tfrecord: damaged"):
        list(Dataset.open(copy).split("val"))
