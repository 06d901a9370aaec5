"""One labelled face and its form as a TFRecord example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import Face520Error

JPEG_QUALITY = 95


class RecordError(Face520Error):
    """A shard is damaged or was written by something else."""


@dataclass(frozen=True, eq=False)
class FaceRecord:
    """A photo (encoded) with its landmarks (N, 3) in px of that photo, z zero at their mean."""

    name: str
    encoded_image: bytes
    landmarks: NDArray[np.float32]
    yaw_deg: float

    def image(self) -> NDArray[np.uint8]:
        """The RGB photo (H, W, 3)."""
        image = cv2.imdecode(np.frombuffer(self.encoded_image, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise RecordError(f"record {self.name}: its image cannot be decoded; build again.")
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)  # type: ignore[return-value]

    def to_example(self) -> bytes:
        """Serialised tf.train.Example."""
        import tensorflow as tf

        def bytes_feature(value: bytes) -> tf.train.Feature:
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))

        features = {
            "name": bytes_feature(self.name.encode()),
            "image": bytes_feature(self.encoded_image),
            "landmarks": bytes_feature(self.landmarks.astype("<f4").tobytes()),
            "yaw_deg": tf.train.Feature(float_list=tf.train.FloatList(value=[self.yaw_deg])),
        }
        return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()

    @classmethod
    def from_example(cls, serialised: bytes) -> FaceRecord:
        """Parse what `to_example` wrote; raises RecordError."""
        import tensorflow as tf

        try:
            feature = tf.train.Example.FromString(serialised).features.feature
            return cls(
                name=feature["name"].bytes_list.value[0].decode(),
                encoded_image=feature["image"].bytes_list.value[0],
                landmarks=np.frombuffer(feature["landmarks"].bytes_list.value[0], "<f4").reshape(
                    -1, 3
                ),
                yaw_deg=feature["yaw_deg"].float_list.value[0],
            )
        except (IndexError, ValueError) as error:
            raise RecordError(f"not a face520 training record ({error}).") from error


def encode_image(image: NDArray[np.uint8]) -> bytes:
    """RGB photo (H, W, 3) to JPEG bytes."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def read_shard(path: Path) -> Iterator[FaceRecord]:
    """Records of one TFRecord shard in file order."""
    import tensorflow as tf

    try:
        for serialised in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            yield FaceRecord.from_example(serialised)
    except tf.errors.OpError as error:
        raise RecordError(f"{path}: damaged shard ({error.message}); build again.") from error
