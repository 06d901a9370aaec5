"""A process that makes crops, and the one connection over which it is asked for them."""

from __future__ import annotations

import signal
from functools import lru_cache
from multiprocessing import get_context
from multiprocessing.connection import Connection

import cv2
import numpy as np

from edge_runtime.arrays import Float64Array, Int64Array
from edge_runtime.errors import Face520Error
from training.crops.crop_plan import CropColumns, CropPlan, stacked
from training.crops.rare_faces import in_epoch
from training.dataset.face_index import FaceIndex, FaceReader
from training.errors import CropLoaderError


class CropWorker:
    """The parent's side; for one thread at a time. `close` ends the process."""

    def __init__(
        self, index: FaceIndex, plan: CropPlan, seed: int, often: Float64Array | None = None
    ) -> None:
        """often: as `how_often` gives it."""
        context = get_context("spawn")
        self._connection, far_end = context.Pipe()
        arguments = (far_end, index, plan, seed, often)
        self.process = context.Process(target=_answer_all, args=arguments, daemon=True)
        self.process.start()
        # With the far end open in that process alone, its death is the end of the file here, even
        # half-way through an answer; a queue that several processes share would wait for the rest.
        far_end.close()

    def ask(self, epoch: int, first: int, size: int) -> None:
        """Request the columns of `size` crops of an epoch's order, from its place `first` on.

        Raises CropLoaderError when the process is gone.
        """
        try:
            self._connection.send((epoch, first, size))
        except OSError as error:
            raise _lost() from error

    def answer(self) -> CropColumns:
        """What was asked for; raises CropLoaderError, or RecordError for a damaged shard."""
        try:
            answer: CropColumns | Face520Error = self._connection.recv()
        except (EOFError, OSError) as error:
            raise _lost() from error
        if isinstance(answer, Face520Error):
            raise answer
        return answer

    def close(self) -> None:
        """End the process; a crop that it is making is thrown away."""
        self._connection.close()
        self.process.join()


class _Crops:
    """What a worker process keeps: the open shards and how to crop."""

    def __init__(
        self, index: FaceIndex, plan: CropPlan, seed: int, often: Float64Array | None
    ) -> None:
        self._reader = FaceReader(index)
        self._plan = plan
        self._seed = seed
        self._face_count = len(index)
        self._often = often
        self._order = lru_cache(2)(self._shuffled)

    def columns(self, epoch: int, first: int, size: int) -> CropColumns:
        """As `CropWorker.ask` says."""
        shown = self._order(epoch)[first : first + size].tolist()
        return stacked(
            self._plan.augmented(self._reader.record(face), self._random(epoch, face, time))
            for face, time in shown
        )

    def _shuffled(self, epoch: int) -> Int64Array:
        """Faces and, of each, whether it is shown for the first, the second time ...: (F, 2)."""
        rng = np.random.default_rng((self._seed, epoch))
        order = rng.permutation(self._face_count)
        if self._often is None:
            return np.stack([order, np.zeros_like(order)], axis=1)
        return np.asarray(in_epoch(self._often, rng)[order])

    def _random(self, epoch: int, face: int, time: int) -> np.random.Generator:
        # A seed that ends in 0 is the same as one without it, which the order has.
        return np.random.default_rng((self._seed, epoch, face + 1, time))


def _answer_all(
    connection: Connection,
    index: FaceIndex,
    plan: CropPlan,
    seed: int,
    often: Float64Array | None,
) -> None:
    """The process: answers until the parent closes its end, or is gone."""
    # Ctrl-C reaches every process of a terminal; the workers end when the loader is closed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    crops = _Crops(index, plan, seed, often)
    while True:
        try:
            span = connection.recv()
        except (EOFError, OSError):
            return
        answer: CropColumns | Face520Error
        try:
            answer = crops.columns(*span)
        except Face520Error as error:
            answer = error
        try:
            connection.send(answer)
        except OSError:
            return


def _lost() -> CropLoaderError:
    return CropLoaderError(
        "A process that loads crops has ended, perhaps for want of memory. "
        "Free some and go on with --resume."
    )
