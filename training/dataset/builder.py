"""Builds a dataset: labelled faces of some source into TFRecord shards, in parallel."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np

from edge_runtime.arrays import BoolArray
from edge_runtime.atomic_file import whole_file, write_whole
from edge_runtime.layout import read_layout
from training.dataset.data_source import DataSource
from training.dataset.manifest import (
    LAYOUT_FILE,
    DatasetPart,
    Manifest,
    Shard,
    file_sha256,
    part_manifests,
)
from training.dataset.records import FaceRecord, write_shard
from training.errors import DatasetError

FACES_PER_SHARD = 1024

Plan = list[tuple[Shard, tuple[int, ...]]]


class Records(Protocol):
    """Labelled faces, opened; a worker process keeps one between shards."""

    def records(self, indices: Sequence[int]) -> Iterator[FaceRecord]:
        """The chosen faces, in that order."""


class Sources(Hashable, Protocol):
    """The files a dataset is made of: small, hashable, handed to every worker process."""

    @property
    def layout(self) -> Path:
        """The layout file of its landmarks."""

    def hashes(self) -> dict[str, str]:
        """What a dataset is compared by: the sources' hashes and the version of their reading."""

    def held_out(self) -> BoolArray:
        """Which of the N faces are for validation.

        Called first: raises a Face520Error here, with one message, rather than in a worker.
        """

    def data(self, held_out: BoolArray) -> DataSource:
        """Whose photos these are, of those that `held_out` told apart."""

    def open(self) -> Records:
        """Load what the records need."""


@dataclass(frozen=True)
class _Job:
    sources: Sources
    shard: Shard
    indices: tuple[int, ...]
    directory: Path


def build_dataset(
    sources: Sources,
    directory: Path,
    processes: int,
    on_shard: Callable[[Shard, int, int], None],
    part: DatasetPart | None = None,
) -> Manifest:
    """Write the missing shards and the manifest; finished shards of earlier runs are kept.

    A part writes its own shards and a manifest of them; a build of the whole in the same folder
    checks the parts' shards by hash and joins them. on_shard(shard, faces_done, faces_total) is
    called as each becomes available. Raises DatasetError when the directory holds a dataset of
    other sources.
    """
    layout = read_layout(sources.layout)
    held_out = sources.held_out()
    plan = _plan(held_out)
    planned = Manifest(
        layout=layout.reference,
        landmark_count=len(layout),
        sources=sources.hashes(),
        shards=tuple(shard for shard, _ in plan),
        data=sources.data(held_out),
    )
    kept = _kept_shards(directory, planned)
    write_whole(directory / LAYOUT_FILE, sources.layout.read_bytes())
    manifest_path = Manifest.path_in(directory)
    if part is not None:
        plan = plan[part.number - 1 :: part.count]
        manifest_path = directory / part.manifest_file
    finished = {shard.file: kept[shard.file] for shard, _ in plan if shard.file in kept}
    done, total = 0, sum(shard.count for shard, _ in plan)
    for shard in _available(sources, plan, kept, directory, processes):
        finished[shard.file] = shard
        planned.with_shards(finished).write(manifest_path)
        done += shard.count
        on_shard(shard, done, total)
    manifest = planned.with_shards(finished)
    manifest.write(manifest_path)
    if part is None:
        for path in part_manifests(directory):
            path.unlink()
    return manifest


def _available(
    sources: Sources, plan: Plan, kept: dict[str, Shard], directory: Path, processes: int
) -> Iterator[Shard]:
    """Shards of the plan with their hashes: the kept ones at once, the others as they are built."""
    jobs = []
    for shard, indices in plan:
        if shard.file in kept:
            yield kept[shard.file]
        else:
            jobs.append(_Job(sources, shard, indices, directory))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(_build_shard, job) for job in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _kept_shards(directory: Path, planned: Manifest) -> dict[str, Shard]:
    """Finished shards of earlier runs whose files are still what a manifest says."""
    paths = [path for path in (Manifest.path_in(directory),) if path.exists()]
    kept: dict[str, Shard] = {}
    for path in paths + part_manifests(directory):
        earlier = Manifest.read_file(path)
        if earlier.sources != planned.sources or earlier.layout != planned.layout:
            raise DatasetError(
                f"{path}: belongs to a dataset of other photos, fits, maps or layout. "
                "Give another --output or remove that folder."
            )
        kept |= {
            shard.file: shard
            for shard in earlier.shards
            if shard.file not in kept
            and (directory / shard.file).is_file()
            and file_sha256(directory / shard.file) == shard.sha256
        }
    return kept


def _plan(held_out: BoolArray) -> Plan:
    """Shards and the faces in each; mixed by a fixed shuffle so that every shard is typical."""
    order = np.random.default_rng(520).permutation(len(held_out))
    plan = []
    for split, in_split in (("train", ~held_out[order]), ("val", held_out[order])):
        chosen = order[in_split]
        count = max(1, round(len(chosen) / FACES_PER_SHARD))
        for number, part in enumerate(np.array_split(chosen, count)):
            if len(part):
                file = f"{split}-{number:05d}-of-{count:05d}.tfrecord"
                plan.append((Shard(file, split, len(part), ""), tuple(part.tolist())))
    return plan


@cache
def _opened(sources: Sources) -> Records:
    return sources.open()


def _build_shard(job: _Job) -> Shard:
    with whole_file(job.directory / job.shard.file) as temporary:
        write_shard(temporary, _opened(job.sources).records(job.indices))
        digest = file_sha256(temporary)
    return Shard(job.shard.file, job.shard.split, job.shard.count, digest)
