"""Batches for Keras: shards -> shuffle -> augmented crops -> standardised targets, in tf.data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from edge_runtime.layout import IBUG68_COUNT, Layout
from training.augment import Augmentation, LabelledCrop, augmented_crop, centred_crop, mirrored
from training.dataset import Manifest, read_split, shard_paths
from training.model import network_input
from training.records import FaceRecord
from training.standardisation import Standardisation

# Encoded records (about 8 kB each) waiting to be drawn: the whole of a small dataset.
SHUFFLE_RECORDS = 32_768

# Normalised crop (S, S, 3), standardised landmarks (N, 3), weight in the loss.
NetworkTerms = tuple[NDArray[np.float32], NDArray[np.float32], np.float32]


def training_batches(
    directory: Path,
    layout: Layout,
    standardisation: Standardisation,
    augmentation: Augmentation,
    size_px: int,
    batch_size: int,
    seed: int,
    first_epoch: int,
) -> tf.data.Dataset:
    """Endless (crop (B, S, S, 3), target (B, N, 3), weight (B,)), one pass after another.

    Order and augmentation depend on the seed, the epoch and the record alone, so a run that
    resumes at first_epoch sees what it would have seen.
    """
    paths = [str(path) for path in shard_paths(directory, "train")]
    count = Manifest.read(directory).count("train")

    def crop(serialised: bytes, epoch: np.int64, position: np.int64) -> NetworkTerms:
        record = FaceRecord.from_example(serialised)
        rng = np.random.default_rng((seed, int(epoch), int(position)))
        labelled = augmented_crop(
            record.image(), record.landmarks, layout.mirror, size_px, augmentation, rng
        )
        return _network_terms(labelled, standardisation)

    def one_pass(epoch: tf.Tensor) -> tf.data.Dataset:
        records = tf.data.TFRecordDataset(paths)
        records = records.shuffle(min(count, SHUFFLE_RECORDS), seed=seed + epoch)
        numbered = records.enumerate()
        return numbered.map(lambda position, record: (record, epoch, position))

    epochs = tf.data.Dataset.range(first_epoch, np.iinfo(np.int64).max)
    crops = epochs.flat_map(one_pass).map(
        lambda *item: tf.numpy_function(crop, item, (tf.float32, tf.float32, tf.float32)),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    return _shaped(crops.batch(batch_size, drop_remainder=True), layout, size_px)


def validation_batches(
    directory: Path, layout: Layout, standardisation: Standardisation, size_px: int, batch_size: int
) -> tf.data.Dataset:
    """The held-out faces once, without augmentation, in shard order."""
    terms = [
        _network_terms(centred_crop(record.image(), record.landmarks, size_px), standardisation)
        for record in read_split(directory, "val")
    ]
    columns = tuple(np.stack(column) for column in zip(*terms))
    return _shaped(tf.data.Dataset.from_tensor_slices(columns).batch(batch_size), layout, size_px)


def measure_standardisation(directory: Path, layout: Layout, size_px: int) -> Standardisation:
    """Over the training faces and their mirror images, without augmentation."""
    landmarks = []
    for record in read_split(directory, "train"):
        crop = centred_crop(np.zeros((1, 1, 3), np.uint8), record.landmarks, size_px)
        landmarks += [crop.landmarks, mirrored(crop, layout.mirror).landmarks]
    return Standardisation.measure(landmarks)


def _network_terms(crop: LabelledCrop, standardisation: Standardisation) -> NetworkTerms:
    width, height = np.ptp(crop.landmarks[:IBUG68_COUNT, :2], axis=0)
    # The loss is in px of the crop, the score in parts of sqrt(w*h): a profile, narrow in its
    # crop, counts more. 0.6 is about the mean of sqrt(w*h), which keeps weights near 1.
    weight = np.float32(0.6 / max(float(np.sqrt(width * height)), 0.2))
    return network_input(crop.image), standardisation.apply(crop.landmarks), weight


def _shaped(batches: tf.data.Dataset, layout: Layout, size_px: int) -> tf.data.Dataset:
    """Restore the static shapes that numpy_function loses, and load ahead."""

    def with_shape(
        image: tf.Tensor, target: tf.Tensor, weight: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        image = tf.ensure_shape(image, (None, size_px, size_px, 3))
        target = tf.ensure_shape(target, (None, len(layout), 3))
        return image, target, tf.ensure_shape(weight, (None,))

    return batches.map(with_shape).prefetch(4)
