"""Batches of crops: complete, reproducible, shared out, and honest about damage."""

import multiprocessing
import shutil
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from edge_runtime import layout520
from training.crops.augment import Augmentation
from training.crops.crop_loader import CropLoader
from training.crops.crop_plan import CropPlan, HeldOutFaces, NetworkBatch
from training.crops.crop_worker import CropWorker
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord
from training.errors import CropLoaderError, RecordError
from training.network.standardisation import Standardisation

ZERO, ONE = np.zeros((520, 3), np.float32), np.ones((520, 3), np.float32)
PLAN = CropPlan(layout520(), Standardisation(ZERO, ONE), Augmentation(), 32)
WITH_NEGATIVES = replace(PLAN, negative_share=0.5, outputs=("presence",))


@pytest.fixture(scope="module")
def crops(tiny_dataset: Path):  # type: ignore[no-untyped-def]
    with CropLoader(Dataset.open(tiny_dataset), PLAN, batch_size=8, seed=1) as loader:
        yield loader


def images(batches: list[NetworkBatch]) -> np.ndarray:
    return np.concatenate([batch[0] for batch in batches])


def test_batches_have_the_shapes_that_fit_takes(crops: CropLoader) -> None:
    assert crops.steps == 3
    batches = list(islice(crops.batches(0), 6))
    for crop, targets, weights in batches:
        assert crop.shape == (8, 32, 32, 3) and crop.dtype == np.float32
        assert -1 <= crop.min() < 0 < crop.max() <= 1
        assert targets["landmarks"].shape == (8, 520, 4) and weights["landmarks"].shape == (8,)
        assert set(targets) == set(weights) == {"landmarks"}
    first, second = images(batches[:3]), images(batches[3:])
    assert not np.array_equal(first, second)
    assert len(np.unique(first.reshape(24, -1), axis=0)) == 24


def test_an_epoch_shows_every_face_once_in_an_order_of_its_own(
    tiny_dataset: Path, tiny_faces: list[FaceRecord]
) -> None:
    still = Augmentation(*[0.0] * 11)
    plan = CropPlan(layout520(), Standardisation(ZERO, ONE), still, 32)
    expected = np.stack([plan.centred(face)[1] for face in tiny_faces[:24]])
    with CropLoader(Dataset.open(tiny_dataset), plan, batch_size=12, seed=5) as loader:
        epochs = [list(islice(loader.batches(epoch), 2)) for epoch in (0, 1)]
    shown = [np.concatenate([batch[1]["landmarks"] for batch in epoch]) for epoch in epochs]
    for one in shown:
        order = [int(np.abs(expected - face).max(axis=(1, 2)).argmin()) for face in one]
        assert sorted(order) == list(range(24)) and order != list(range(24))
        np.testing.assert_allclose(one, expected[order], atol=1e-6)
    assert not np.array_equal(*shown)


def test_a_later_epoch_is_the_same_without_the_earlier_ones(crops: CropLoader) -> None:
    through = list(islice(crops.batches(0), 6))[3:]
    at_once = list(islice(crops.batches(1), 3))
    for one, other in zip(through, at_once, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1]["landmarks"], other[1]["landmarks"])


def test_the_middle_of_an_epoch_is_the_same_without_what_was_before(crops: CropLoader) -> None:
    through = list(islice(crops.batches(1), 6))[2:]
    at_once = list(islice(crops.batches(1, first_step=2), 4))
    np.testing.assert_array_equal(images(through), images(at_once))


def test_parts_make_up_the_batch(crops: CropLoader) -> None:
    whole = images(list(islice(crops.batches(2), 3)))
    own = [list(islice(crops.batches(2, range(n, n + 1), 2), 3)) for n in (0, 1)]
    both = [batch for pair in zip(*own) for batch in pair]
    np.testing.assert_array_equal(images(both), whole)
    four = list(islice(crops.batches(2, range(2, 4), 4), 6))
    np.testing.assert_array_equal(images(four), images(own[1]))


def test_another_seed_is_another_run(crops: CropLoader, tiny_dataset: Path) -> None:
    with CropLoader(Dataset.open(tiny_dataset), PLAN, batch_size=8, seed=2) as other:
        assert not np.array_equal(next(other.batches(0))[0], next(crops.batches(0))[0])


def test_negatives_have_presence_and_no_landmarks(tiny_dataset: Path) -> None:
    with CropLoader(Dataset.open(tiny_dataset), WITH_NEGATIVES, batch_size=24, seed=3) as loader:
        _, targets, weights = next(loader.batches(0))
    is_face = targets["presence"][:, 0] == 1
    assert 4 < is_face.sum() < 20
    assert (weights["landmarks"][is_face] > 0).all()
    assert (weights["landmarks"][~is_face] == 0).all()
    np.testing.assert_allclose(weights["presence"], 1)


def test_a_batch_is_never_larger_than_the_dataset(tiny_dataset: Path) -> None:
    with CropLoader(Dataset.open(tiny_dataset), PLAN, batch_size=1000, seed=1) as loader:
        assert (loader.batch_size, loader.steps) == (24, 1)
        assert len(next(loader.batches(0))[0]) == 24


def test_held_out_faces_come_as_they_are(tiny_dataset: Path, tiny_faces: list[FaceRecord]) -> None:
    held_out = HeldOutFaces.read(Dataset.open(tiny_dataset), PLAN)
    assert len(held_out) == 8
    crops, targets, _ = held_out.batch(5, 50)
    assert crops.shape == (3, 32, 32, 3)
    np.testing.assert_array_equal(targets["landmarks"][0], PLAN.centred(tiny_faces[29])[1])


def test_a_damaged_shard_is_named(tiny_dataset: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_dataset, tmp_path / "faces"))
    shard = folder / "train-00001.tfrecord"
    content = bytearray(shard.read_bytes())
    content[500] ^= 1
    shard.write_bytes(content)
    with (
        pytest.raises(RecordError, match=r"train-00001\.tfrecord: damaged shard"),
        CropLoader(Dataset.open(folder), PLAN, batch_size=8, seed=1) as loader,
    ):
        list(islice(loader.batches(0), 3))


def test_a_lost_process_is_reported(tiny_dataset: Path) -> None:
    earlier = {child.pid for child in multiprocessing.active_children()}
    with (
        pytest.raises(CropLoaderError, match="--resume"),
        CropLoader(Dataset.open(tiny_dataset), PLAN, batch_size=8, seed=1) as loader,
    ):
        batches = loader.batches(0)
        next(batches)
        for child in multiprocessing.active_children():
            if child.pid not in earlier:
                child.kill()
        list(islice(batches, 200))


def test_a_process_lost_half_way_through_its_answer_is_reported(tiny_dataset: Path) -> None:
    """Its answer is larger than a connection holds, so it is killed while it sends."""
    large = CropPlan(layout520(), Standardisation(ZERO, ONE), Augmentation(), 256)
    worker = CropWorker(Dataset.open(tiny_dataset).index("train"), large, seed=1)
    worker.ask(0, 0, 24)
    assert worker._connection.poll(60)
    worker.process.kill()
    worker.process.join()
    with pytest.raises(CropLoaderError, match="has ended"):
        worker.answer()
    with pytest.raises(CropLoaderError, match="has ended"):
        worker.ask(0, 0, 24)
    worker.close()


def test_processes_end_with_the_loader(tiny_dataset: Path) -> None:
    earlier = set(multiprocessing.active_children())
    with CropLoader(Dataset.open(tiny_dataset), PLAN, batch_size=8, seed=1) as loader:
        next(loader.batches(0))
        assert set(multiprocessing.active_children()) - earlier
    assert not set(multiprocessing.active_children()) - earlier
