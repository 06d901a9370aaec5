"""One labelled face and its form as a TFRecord example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Array, Uint8Image
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.image_file import decode_image
from edge_runtime.layout import IBUG68_COUNT, layout520
from training.dataset.tfrecord import (
    payload_spans,
    read_example,
    read_payload,
    write_example,
    write_payloads,
)
from training.errors import RecordError

# People's word on a landmark, as `fits.npz` has it.
SEEN, COVERED, HIDDEN_BY_FACE, NO_WORD = 0, 1, 2, 255


class LabelSource(IntEnum):
    """Who placed a face's eyes, lips and brows."""

    NOBODY = 0  # they stand where the average face has them
    PEOPLE = 1
    MESH = 2  # MediaPipe's attention mesh, mapped to people's points
    MODEL = 3  # a released model of this project
    MESH_AND_MODEL = 4  # the mean of these two
    NOT_STATED = 255


@dataclass(frozen=True, eq=False)
class FaceRecord:
    """A photo (encoded) with its landmarks (N, 3) in px of that photo, z zero at their mean.

    expression (52,): blendshapes as BLENDSHAPE_NAMES has them, 0 to 1. visibility (N,): 1 where the
    camera sees the landmark, 0 where it does not. Both NaN where nobody knows. occlusion68 (68,):
    people's word: SEEN, COVERED by something, HIDDEN_BY_FACE or NO_WORD.
    """

    name: str
    encoded_image: bytes
    landmarks: FloatArray
    yaw_deg: float
    expression: FloatArray = field(default_factory=lambda: unknown(len(BLENDSHAPE_NAMES)))
    visibility: FloatArray = field(default_factory=lambda: unknown(len(layout520())))
    occlusion68: Uint8Array = field(
        default_factory=lambda: np.full(IBUG68_COUNT, NO_WORD, np.uint8)
    )
    label_source: LabelSource = LabelSource.NOT_STATED

    @property
    def landmarks68(self) -> FloatArray:
        """The 68 landmarks (68, 3) of iBUG/300W-LP in their standard order."""
        return self.landmarks[:IBUG68_COUNT]

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
                "expression": (self.expression.astype("<f4").tobytes(),),
                "visibility": (np.nan_to_num(self.visibility, nan=NO_WORD).astype("u1").tobytes(),),
                "occlusion68": (self.occlusion68.tobytes(),),
                "label_source": (float(self.label_source),),
            }
        )

    @classmethod
    def from_example(cls, serialised: bytes) -> FaceRecord:
        """Parse what `to_example` wrote; raises RecordError."""
        try:
            features: dict[str, Any] = read_example(serialised)
            landmarks = np.frombuffer(features["landmarks"][0], "<f4").reshape(-1, 3)
            face = cls(
                name=features["name"][0].decode(),
                encoded_image=features["image"][0],
                landmarks=landmarks,
                yaw_deg=float(features["yaw_deg"][0]),
                visibility=unknown(len(landmarks)),
            )
            # Datasets built before version 1.3 end here.
            return _with_state(face, features) if "label_source" in features else face
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            raise RecordError(
                f"not a face520 training record ({type(error).__name__}: {error})."
            ) from error


def unknown(count: int) -> FloatArray:
    """NaN (count,)."""
    return np.full(count, np.nan, np.float32)


def _with_state(face: FaceRecord, features: dict[str, Any]) -> FaceRecord:
    visibility = np.frombuffer(features["visibility"][0], "u1").astype(np.float32)
    visibility[visibility == NO_WORD] = np.nan
    return replace(
        face,
        expression=np.frombuffer(features["expression"][0], "<f4"),
        visibility=visibility,
        occlusion68=np.frombuffer(features["occlusion68"][0], "u1"),
        label_source=LabelSource(int(features["label_source"][0])),
    )


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
