"""Where each face of a split lies in its shards, so that any of them can be read at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from edge_runtime.arrays import Int64Array
from training.dataset.records import FaceRecord, read_record, record_spans


@dataclass(frozen=True, eq=False)
class FaceIndex:
    """Shards of a split and, for its F faces, the shard, the offset and the length in bytes."""

    paths: tuple[Path, ...]
    shard: Int64Array  # (F,) index into paths
    offset: Int64Array  # (F,)
    length: Int64Array  # (F,)

    @classmethod
    def of(cls, paths: Sequence[Path]) -> FaceIndex:
        """Find the faces of shards; raises RecordError."""
        spans = [
            (number, *span) for number, path in enumerate(paths) for span in record_spans(path)
        ]
        shard, offset, length = np.array(spans, np.int64).reshape(-1, 3).T
        return cls(tuple(paths), shard, offset, length)

    def __len__(self) -> int:
        return len(self.shard)


class FaceReader:
    """Reads the faces of an index by number; keeps the shards open."""

    def __init__(self, index: FaceIndex) -> None:
        self._index = index
        self._files: list[BinaryIO] = [path.open("rb") for path in index.paths]

    def record(self, number: int) -> FaceRecord:
        """Face `number` of the index; raises RecordError."""
        index = self._index
        file = self._files[int(index.shard[number])]
        return read_record(file, int(index.offset[number]), int(index.length[number]))
