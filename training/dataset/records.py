"""One labelled face and its form as a TFRecord example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.errors import Face520Error
from edge_runtime.image_file import decode_image
from training.dataset.tfrecord import (
    payload_spans,
    read_example,
    read_payload,
    write_example,
    write_payloads,
)


class RecordError(Face520Error):
    """A shard is damaged or was written by something else."""


@dataclass(frozen=True, eq=False)
class FaceRecord:
    """A photo (encoded) with its landmarks (N, 3) in px of that photo, z zero at their mean."""

    name: str
    encoded_image: bytes
    landmarks: FloatArray
    yaw_deg: float

    def image(self) -> Uint8Image:
        """The RGB photo (H, W, 3)."""
        image = decode_image(self.encoded_image)
        if image is None:
            raise RecordError(f"record {self.name}: its image cannot be decoded; build again.")
        return image

    def to_example(self) -> bytes:
        """Serialised tf.train.Example."""
        return write_example(
            {
                "name": (self.name.encode(),),
                "image": (self.encoded_image,),
                "landmarks": (self.landmarks.astype("<f4").tobytes(),),
                "yaw_deg": (self.yaw_deg,),
            }
        )

    @classmethod
    def from_example(cls, serialised: bytes) -> FaceRecord:
        """Parse what `to_example` wrote; raises RecordError."""
        try:
            features: dict[str, Any] = read_example(serialised)
            return cls(
                name=features["name"][0].decode(),
                encoded_image=features["image"][0],
                landmarks=np.frombuffer(features["landmarks"][0], "<f4").reshape(-1, 3),
                yaw_deg=float(features["yaw_deg"][0]),
            )
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            raise RecordError(
                f"not a face520 training record ({type(error).__name__}: {error})."
            ) from error


def read_shard(path: Path) -> Iterator[FaceRecord]:
    """Records of one TFRecord shard in file order; raises RecordError."""
    spans = record_spans(path)
    with path.open("rb") as file:
        for span in spans:
            yield read_record(file, *span)


def record_spans(path: Path) -> list[tuple[int, int]]:
    """Where each record of a shard lies: offset and length in bytes; raises RecordError."""
    with path.open("rb", buffering=0) as file:
        try:
            return list(payload_spans(file))
        except ValueError as error:
            raise _damaged(path, error) from error


def read_record(file: BinaryIO, offset: int, length: int) -> FaceRecord:
    """One record of an open shard; raises RecordError."""
    try:
        return FaceRecord.from_example(read_payload(file, offset, length))
    except ValueError as error:
        raise _damaged(Path(file.name), error) from error


def write_shard(path: Path, records: Iterable[FaceRecord]) -> None:
    """Write records as a TFRecord shard."""
    write_payloads(path, (record.to_example() for record in records))


def _damaged(path: Path, error: ValueError) -> RecordError:
    return RecordError(f"{path}: damaged shard ({error}); build the dataset again.")
