"""Training batches, made ahead of need by worker processes."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from itertools import count, islice
from multiprocessing import get_context, parent_process
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import Face520Error
from training.batches import CropColumns, CropPlan, NetworkBatch, stacked
from training.face_index import FaceIndex, FaceReader

MOST_PROCESSES = 16
AHEAD = 2  # batches finished beside those in work


class CropLoaderError(Face520Error):
    """The worker processes are gone."""


class CropLoader:
    """Endless batches whose crops follow from the seed, the epoch and the face alone.

    A context manager; its worker processes end with it.
    """

    def __init__(self, directory: Path, plan: CropPlan, batch_size: int, seed: int) -> None:
        index = FaceIndex.of(directory, "train")
        self.plan = plan
        self.batch_size = min(batch_size, len(index))
        self.steps = len(index) // self.batch_size
        self._error: Face520Error | None = None
        self._processes = _usable_cores()
        self._pool = ProcessPoolExecutor(
            self._processes, get_context("spawn"), _start_worker, (index, plan, seed)
        )

    def __enter__(self) -> CropLoader:
        return self

    def __exit__(self, _: object, raised: BaseException | None, __: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        # TensorFlow reports what happens in its inputs as errors of its own.
        if isinstance(raised, Exception) and self._error is not None:
            raise self._error from None

    def batches(
        self, first_epoch: int, parts: range = range(1), part_count: int = 1
    ) -> Iterator[NetworkBatch]:
        """Batches of one epoch after another, each in an order of its own.

        Of every batch the given parts of part_count equal ones, one after another. What is left of
        an epoch after its last whole batch is not shown. Raises RecordError for a damaged shard and
        CropLoaderError when a worker process is gone.
        """
        side = self.batch_size // part_count
        spans = (
            (epoch, step * self.batch_size + part * side, side)
            for epoch in count(first_epoch)
            for step in range(self.steps)
            for part in parts
        )
        pending = deque(self._submit(span) for span in islice(spans, self._processes + AHEAD))
        try:
            for span in spans:
                yield self.plan.network_batch(pending.popleft().result())
                pending.append(self._submit(span))
        except Face520Error as error:
            self._error = error
            raise
        except BrokenProcessPool as error:
            self._error = CropLoaderError(
                "A process that loads crops has ended, perhaps for want of memory. "
                "Free some and go on with --resume."
            )
            raise self._error from error

    def _submit(self, span: tuple[int, int, int]) -> Future[CropColumns]:
        return self._pool.submit(_crops, *span)


class _Worker:
    """What a worker process keeps: the open shards and how to crop."""

    def __init__(self, index: FaceIndex, plan: CropPlan, seed: int) -> None:
        self._reader = FaceReader(index)
        self._plan = plan
        self._seed = seed
        self._face_count = len(index)
        self._order = lru_cache(2)(self._shuffled)

    def crops(self, epoch: int, first: int, size: int) -> CropColumns:
        """Columns of `size` crops of an epoch's order, from its place `first` on."""
        faces = self._order(epoch)[first : first + size].tolist()
        return stacked(
            self._plan.augmented(self._reader.record(face), self._random(epoch, face))
            for face in faces
        )

    def _shuffled(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng((self._seed, epoch)).permutation(self._face_count)

    def _random(self, epoch: int, face: int) -> np.random.Generator:
        # A seed that ends in 0 is the same as one without it, which the order has.
        return np.random.default_rng((self._seed, epoch, face + 1))


_worker: _Worker | None = None


def _start_worker(index: FaceIndex, plan: CropPlan, seed: int) -> None:
    global _worker
    # Ctrl-C reaches every process of a terminal; the workers end when the loader is closed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)
    _worker = _Worker(index, plan, seed)


def _end_with_parent() -> None:
    """A parent that was killed cannot close its loader."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _crops(epoch: int, first: int, size: int) -> CropColumns:
    assert _worker is not None  # _start_worker has run
    return _worker.crops(epoch, first, size)


def _usable_cores() -> int:
    """One process a core that this one may use, less the one that trains."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min((cores or 1) - 1, MOST_PROCESSES))
