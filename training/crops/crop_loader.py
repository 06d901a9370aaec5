"""Training batches, made ahead of need by worker processes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count, islice
from queue import SimpleQueue

from edge_runtime.errors import Face520Error
from training.crops.crop_plan import CropColumns, CropPlan, NetworkBatch
from training.crops.crop_worker import CropWorker
from training.crops.rare_faces import how_often
from training.dataset.dataset import Dataset

MOST_PROCESSES = 16
AHEAD = 2  # batches finished beside those in work


class CropLoader:
    """Endless batches whose crops follow from the seed, the epoch and the face alone.

    A context manager; its worker processes end with it.
    """

    def __init__(
        self,
        dataset: Dataset,
        plan: CropPlan,
        batch_size: int,
        seed: int,
        rare_face_boost: float = 1.0,
    ) -> None:
        index = dataset.index("train")
        often = how_often(index, rare_face_boost)
        self.plan = plan
        self.batch_size = min(batch_size, len(index))
        self.steps = len(index) // self.batch_size
        self._error: Face520Error | None = None
        self._processes = _usable_cores()
        self._workers = [CropWorker(index, plan, seed, often) for _ in range(self._processes)]
        self._idle: SimpleQueue[CropWorker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        # A thread a process, which waits for its answer.
        self._threads = ThreadPoolExecutor(self._processes)

    def __enter__(self) -> CropLoader:
        return self

    def __exit__(self, _: object, raised: BaseException | None, __: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.close()
        # TensorFlow reports what happens in its inputs as errors of its own.
        if isinstance(raised, Exception) and self._error is not None:
            raise self._error from None

    def batches(
        self,
        first_epoch: int,
        parts: range = range(1),
        part_count: int = 1,
        first_step: int = 0,
    ) -> Iterator[NetworkBatch]:
        """Batches of one epoch after another, each in an order of its own.

        From the first_step-th batch of the first epoch on, counted from 0: the same as after those
        before it.

        Of every batch the given parts of part_count equal ones, one after another. What is left of
        an epoch after its last whole batch is not shown. Raises RecordError for a damaged shard and
        CropLoaderError when a worker process is gone.
        """
        side = self.batch_size // part_count
        spans = (
            (epoch, step * self.batch_size + part * side, side)
            for epoch in count(first_epoch)
            for step in range(first_step if epoch == first_epoch else 0, self.steps)
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

    def _submit(self, span: tuple[int, int, int]) -> Future[CropColumns]:
        return self._threads.submit(self._crops, *span)

    def _crops(self, epoch: int, first: int, size: int) -> CropColumns:
        worker = self._idle.get()
        try:
            worker.ask(epoch, first, size)
            return worker.answer()
        finally:
            self._idle.put(worker)


def _usable_cores() -> int:
    """One process a core that this one may use, less the one that trains."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min((cores or 1) - 1, MOST_PROCESSES))
