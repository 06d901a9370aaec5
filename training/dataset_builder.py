"""Builds a dataset: fitted photos through position maps into TFRecord shards, in parallel."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from edge_runtime.layout import Layout
from training.dataset import DatasetError, Manifest, Shard, file_sha256
from training.face_model import FaceModel, FloatArray
from training.fitted_photos import FittedPhotos, landmark_warp
from training.position_map import PositionMapRenderer, sampling_matrix
from training.quiet_tensorflow import load_tensorflow
from training.records import FaceRecord, encode_image

FACES_PER_SHARD = 1024
# Bumped when the same sources would give other records, so that stale shards are rebuilt.
BUILDER_VERSION = 1


@dataclass(frozen=True)
class BuildSources:
    """The files a dataset is made of."""

    photos: Path
    fits: Path
    face_model: Path
    layout: Path

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each source, and the builder's version."""
        digests = {name: file_sha256(path) for name, path in vars(self).items()}
        return digests | {"builder": str(BUILDER_VERSION)}


@dataclass(frozen=True)
class _Job:
    sources: BuildSources
    shard: Shard
    indices: tuple[int, ...]
    directory: Path


def build_dataset(
    sources: BuildSources,
    directory: Path,
    processes: int,
    on_shard: Callable[[Shard, int, int], None],
) -> Manifest:
    """Write the missing shards and the manifest; shards of an earlier, interrupted run are kept.

    on_shard(shard, faces_done, faces_total) is called as each becomes available. Raises
    DatasetError when the directory holds a dataset of other sources.
    """
    photos = FittedPhotos.load(sources.photos, sources.fits)
    FaceModel.load(sources.face_model)  # fail here, with one message, rather than in a worker
    layout = Layout.load(sources.layout)
    plan = _plan(photos)
    planned = Manifest(
        layout=layout.reference,
        landmark_count=len(layout),
        sources=sources.hashes(),
        shards=tuple(shard for shard, _ in plan),
    )
    directory.mkdir(parents=True, exist_ok=True)
    kept = _kept_shards(directory, planned)
    done = 0
    jobs = []
    finished: dict[str, Shard] = {}
    for shard, indices in plan:
        if shard.file in kept:
            finished[shard.file] = kept[shard.file]
            done += shard.count
            on_shard(shard, done, len(photos))
        else:
            jobs.append(_Job(sources, shard, indices, directory))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_build_shard, job) for job in jobs]):
            shard = future.result()
            finished[shard.file] = shard
            done += shard.count
            planned.with_shards(finished).write(directory)
            on_shard(shard, done, len(photos))
    manifest = planned.with_shards(finished)
    manifest.write(directory)
    return manifest


def _kept_shards(directory: Path, planned: Manifest) -> dict[str, Shard]:
    """Finished shards of an earlier run whose files are still what the manifest says."""
    if not Manifest.path_in(directory).exists():
        return {}
    earlier = Manifest.read(directory)
    if earlier.sources != planned.sources or earlier.layout != planned.layout:
        raise DatasetError(
            f"{directory}: holds a dataset of other photos, fits or layout. "
            "Give another --output or remove that folder."
        )
    return {
        shard.file: shard
        for shard in earlier.shards
        if (directory / shard.file).is_file()
        and file_sha256(directory / shard.file) == shard.sha256
    }


def _plan(photos: FittedPhotos) -> list[tuple[Shard, tuple[int, ...]]]:
    """Shards and the photos in each; mixed by a fixed shuffle so that every shard is typical."""
    order = np.random.default_rng(520).permutation(len(photos))
    plan = []
    for split, in_split in (("train", ~photos.held_out[order]), ("val", photos.held_out[order])):
        chosen = order[in_split]
        count = max(1, round(len(chosen) / FACES_PER_SHARD))
        for number, part in enumerate(np.array_split(chosen, count)):
            if len(part):
                file = f"{split}-{number:05d}-of-{count:05d}.tfrecord"
                plan.append((Shard(file, split, len(part), ""), tuple(part.tolist())))
    return plan


class Labeller:
    """What one worker process keeps loaded between shards."""

    def __init__(self, sources: BuildSources) -> None:
        self.photos = FittedPhotos.load(sources.photos, sources.fits)
        self.model = FaceModel.load(sources.face_model)
        self.renderer = PositionMapRenderer.build(self.model)
        self.warp = landmark_warp(self.model)
        self.sampling = sampling_matrix(Layout.load(sources.layout).uv)

    def landmarks(self, index: int) -> FloatArray:
        """Keypoints (N, 3) of one photo, sampled from its warped position map."""
        vertices = self.photos.vertices(self.model, [index])[0]
        vertices += self.warp @ self.photos.residual68[index]
        position_map = self.renderer.render(vertices)
        landmarks = self.sampling @ position_map.reshape(-1, 3)
        landmarks[:, 2] -= landmarks[:, 2].mean()
        return landmarks.astype(np.float32)


@cache
def _labeller(sources: BuildSources) -> Labeller:
    return Labeller(sources)


def _build_shard(job: _Job) -> Shard:
    """Write one shard beside its final name, then move it there whole."""
    load_tensorflow()
    import tensorflow as tf

    labeller = _labeller(job.sources)
    target = job.directory / job.shard.file
    partial = target.with_suffix(".partial")
    try:
        with tf.io.TFRecordWriter(str(partial)) as writer:
            for index, image in zip(job.indices, labeller.photos.images(job.indices)):
                record = FaceRecord(
                    name=labeller.photos.names[index],
                    encoded_image=encode_image(image),
                    landmarks=labeller.landmarks(index),
                    yaw_deg=float(labeller.photos.yaw_deg[index]),
                )
                writer.write(record.to_example())
        digest = file_sha256(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return Shard(job.shard.file, job.shard.split, job.shard.count, digest)
