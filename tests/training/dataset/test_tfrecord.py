"""Records without TensorFlow: the bytes that TensorFlow writes, and damage that is noticed."""

from pathlib import Path

import numpy as np
import pytest

from training.dataset.dataset import Dataset
from training.dataset.face_index import FaceReader
from training.dataset.records import FaceRecord, read_shard, write_shard
from training.dataset.tfrecord import read_example, write_example
from training.errors import RecordError


def test_tensorflow_reads_what_we_write(tiny_faces: list[FaceRecord], tmp_path: Path) -> None:
    import tensorflow as tf

    write_shard(tmp_path / "ours.tfrecord", tiny_faces)
    payloads = tf.data.TFRecordDataset(str(tmp_path / "ours.tfrecord")).as_numpy_iterator()
    for face, payload in zip(tiny_faces, payloads, strict=True):
        feature = tf.train.Example.FromString(payload).features.feature
        assert feature["name"].bytes_list.value[0].decode() == face.name
        assert feature["image"].bytes_list.value[0] == face.encoded_image
        assert feature["landmarks"].bytes_list.value[0] == face.landmarks.tobytes()
        assert feature["yaw_deg"].float_list.value[0] == face.yaw_deg


def test_we_read_what_tensorflow_writes(tiny_faces: list[FaceRecord], tmp_path: Path) -> None:
    import tensorflow as tf

    path = tmp_path / "theirs.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for face in tiny_faces:
            writer.write(tf.train.Example.FromString(face.to_example()).SerializeToString())
    for face, read in zip(tiny_faces, read_shard(path), strict=True):
        assert (read.name, read.encoded_image) == (face.name, face.encoded_image)
        assert read.yaw_deg == face.yaw_deg
        np.testing.assert_array_equal(read.landmarks, face.landmarks)


def test_an_example_of_another_maker_is_understood() -> None:
    import tensorflow as tf

    features = {
        "several": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5, -2, 3e9])),
        "number": tf.train.Feature(int64_list=tf.train.Int64List(value=[300])),
        "words": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"", b"two"])),
    }
    example = tf.train.Example(features=tf.train.Features(feature=features))
    ours = {"several": (0.5, -2.0, 3e9), "words": (b"", b"two")}
    assert read_example(example.SerializeToString()) == {**ours, "number": ()}
    assert read_example(write_example(ours)) == ours
    # A float list that is not packed: each number is a field of four bytes.
    assert read_example(b"\n\x13\n\x11\n\x01a\x12\x0c\x12\x0a\r\0\0\0?\r\0\0\0\xc0") == {
        "a": (0.5, -2.0)
    }


def test_any_face_is_found_at_once(tiny_dataset: Path, tiny_faces: list[FaceRecord]) -> None:
    index = Dataset.open(tiny_dataset).index("train")
    assert len(index) == 24
    reader = FaceReader(index)
    for number in (23, 0, 13, 14):
        assert reader.record(number).name == tiny_faces[number].name


@pytest.mark.parametrize("place", [3, 9, 40, -1])
def test_a_flipped_bit_anywhere_is_noticed(
    tiny_faces: list[FaceRecord], tmp_path: Path, place: int
) -> None:
    path = tmp_path / "faces.tfrecord"
    write_shard(path, tiny_faces[:3])
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)
    with pytest.raises(RecordError, match=r"faces\.tfrecord: damaged shard"):
        list(read_shard(path))


@pytest.mark.parametrize("missing", [1, 5, 5000])
def test_a_cut_off_shard_is_noticed(
    tiny_faces: list[FaceRecord], tmp_path: Path, missing: int
) -> None:
    path = tmp_path / "faces.tfrecord"
    write_shard(path, tiny_faces[:3])
    path.write_bytes(path.read_bytes()[:-missing])
    with pytest.raises(RecordError, match=r"faces\.tfrecord: damaged shard \(cut off"):
        list(read_shard(path))


def test_something_else_is_no_record() -> None:
    for other in (b"", b"\xff" * 9, b"hello", write_example({"name": (b"x",)})):
        with pytest.raises(RecordError, match="not a face520 training record"):
            FaceRecord.from_example(other)
