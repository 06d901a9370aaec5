"""Batches for Keras: shards -> shuffle -> augmented crops -> standardised targets, in tf.data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from edge_runtime.layout import IBUG68_COUNT, Layout
from training.augment import (
    Augmentation,
    LabelledCrop,
    augmented_crop,
    centred_crop,
    damaged,
    mirrored,
)
from training.dataset import Manifest, read_split, shard_paths
from training.model import network_input
from training.negatives import negative_crop
from training.records import FaceRecord
from training.standardisation import Standardisation

# Encoded records (about 8 kB each) waiting to be drawn: the whole of a small dataset.
SHUFFLE_RECORDS = 32_768

# Normalised crop (S, S, 3), standardised landmarks (N, 3) and their weight in the loss, presence
# (1,) and its weight.
NetworkTerms = tuple[
    NDArray[np.float32], NDArray[np.float32], np.float32, NDArray[np.float32], np.float32
]


@dataclass(frozen=True)
class CropPlan:
    """How a record becomes what the network sees; a crop in negative_share shows no face."""

    layout: Layout
    standardisation: Standardisation
    augmentation: Augmentation
    size_px: int
    negative_share: float = 0.0

    def augmented(self, record: FaceRecord, rng: np.random.Generator) -> NetworkTerms:
        """A random crop of the record; same rng, same crop."""
        if rng.random() < self.negative_share:
            empty = negative_crop(record.image(), record.landmarks, self.size_px, rng)
            return self._negative(damaged(empty, self.augmentation, rng))
        crop = augmented_crop(
            record.image(),
            record.landmarks,
            self.layout.mirror,
            self.size_px,
            self.augmentation,
            rng,
        )
        return self._positive(crop)

    def centred(self, record: FaceRecord) -> NetworkTerms:
        """The record's own crop without augmentation."""
        return self._positive(centred_crop(record.image(), record.landmarks, self.size_px))

    def _positive(self, crop: LabelledCrop) -> NetworkTerms:
        width, height = np.ptp(crop.landmarks[:IBUG68_COUNT, :2], axis=0)
        # The loss is in px of the crop, the score in parts of sqrt(w*h): a profile, narrow in its
        # crop, counts more. 0.6 is about the mean of sqrt(w*h), which keeps weights near 1.
        weight = np.float32(0.6 / max(float(np.sqrt(width * height)), 0.2))
        target = self.standardisation.apply(crop.landmarks)
        # Faces and misses count the same in the presence loss, however rare misses are.
        share = np.float32(0.5 / (1 - self.negative_share))
        return network_input(crop.image), target, weight, np.ones(1, np.float32), share

    def _negative(self, image: NDArray[Any]) -> NetworkTerms:
        no_landmarks = np.zeros((len(self.layout), 3), np.float32)
        share = np.float32(0.5 / self.negative_share)
        return network_input(image), no_landmarks, np.float32(0), np.zeros(1, np.float32), share


def training_batches(
    directory: Path, plan: CropPlan, batch_size: int, seed: int, first_epoch: int
) -> tf.data.Dataset:
    """Endless batches as Keras' fit takes them, one pass after another.

    An element is (crops (B, S, S, 3), targets, weights): targets {"landmarks": (B, N, 3)} and, with
    negatives, {"presence": (B, 1)}; weights (B,) under the same names. Order and augmentation
    depend on the seed, the epoch and the record alone, so a run that resumes at first_epoch sees
    what it would have seen.
    """
    paths = [str(path) for path in shard_paths(directory, "train")]
    count = Manifest.read(directory).count("train")

    def crop(serialised: bytes, epoch: np.int64, position: np.int64) -> NetworkTerms:
        rng = np.random.default_rng((seed, int(epoch), int(position)))
        return plan.augmented(FaceRecord.from_example(serialised), rng)

    def one_pass(epoch: tf.Tensor) -> tf.data.Dataset:
        records = tf.data.TFRecordDataset(paths)
        records = records.shuffle(min(count, SHUFFLE_RECORDS), seed=seed + epoch)
        numbered = records.enumerate()
        return numbered.map(lambda position, record: (record, epoch, position))

    epochs = tf.data.Dataset.range(first_epoch, np.iinfo(np.int64).max)
    crops = epochs.flat_map(one_pass).map(
        lambda *item: tf.numpy_function(crop, item, (tf.float32,) * 5),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    return _shaped(crops.batch(batch_size, drop_remainder=True), plan)


def validation_batches(directory: Path, plan: CropPlan, batch_size: int) -> tf.data.Dataset:
    """The held-out faces once, without augmentation or negatives, in shard order."""
    terms = [plan.centred(record) for record in read_split(directory, "val")]
    columns = tuple(np.stack(column) for column in zip(*terms))
    return _shaped(tf.data.Dataset.from_tensor_slices(columns).batch(batch_size), plan)


def measure_standardisation(directory: Path, layout: Layout, size_px: int) -> Standardisation:
    """Over the training faces and their mirror images, without augmentation."""
    landmarks = []
    for record in read_split(directory, "train"):
        crop = centred_crop(np.zeros((1, 1, 3), np.uint8), record.landmarks, size_px)
        landmarks += [crop.landmarks, mirrored(crop, layout.mirror).landmarks]
    return Standardisation.measure(landmarks)


def _shaped(batches: tf.data.Dataset, plan: CropPlan) -> tf.data.Dataset:
    """Restore the static shapes that numpy_function loses, name the outputs, and load ahead."""
    names = ("landmarks", "presence") if plan.negative_share else ("landmarks",)

    def named(
        image: tf.Tensor,
        target: tf.Tensor,
        weight: tf.Tensor,
        presence: tf.Tensor,
        presence_weight: tf.Tensor,
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor], dict[str, tf.Tensor]]:
        image = tf.ensure_shape(image, (None, plan.size_px, plan.size_px, 3))
        targets = {
            "landmarks": tf.ensure_shape(target, (None, len(plan.layout), 3)),
            "presence": tf.ensure_shape(presence, (None, 1)),
        }
        weights = {
            "landmarks": tf.ensure_shape(weight, (None,)),
            "presence": tf.ensure_shape(presence_weight, (None,)),
        }
        return image, {n: targets[n] for n in names}, {n: weights[n] for n in names}

    return batches.map(named).prefetch(4)
