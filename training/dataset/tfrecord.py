"""TFRecord files, read and written without TensorFlow.

A record is its length (8 bytes), the length's checksum (4), the payload and its checksum (4), all
little-endian: tensorflow/core/lib/io/record_writer.h. The payload is a tf.train.Example, a protobuf
message (tensorflow/core/example/example.proto and feature.proto): a map from names to features, of
which face520 uses those that hold bytes and those that hold floats.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import google_crc32c
import numpy as np

LENGTH, CHECKSUM = struct.Struct("<Q"), struct.Struct("<I")
# Wire types of protobuf: the low three bits of a field's key.
VARINT, EIGHT_BYTES, COUNTED, FOUR_BYTES = 0, 1, 2, 5
BYTES_LIST, FLOAT_LIST = 1, 2  # fields of tf.train.Feature

Values = tuple[bytes, ...] | tuple[float, ...]


def payload_spans(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Offset and length of every payload; raises ValueError where a length or the end is damaged.

    Payloads are skipped, not read.
    """
    end = file.seek(0, 2)
    offset = 0
    while offset < end:
        file.seek(offset)
        header = file.read(LENGTH.size + CHECKSUM.size)
        start, length = offset + len(header), header[: LENGTH.size]
        if header[LENGTH.size :] != _checksum(length):
            raise ValueError(f"wrong record length at byte {offset}")
        (count,) = LENGTH.unpack(length)
        offset = start + count + CHECKSUM.size
        if offset > end:
            raise ValueError(f"cut off in the record at byte {start}")
        yield start, count


def read_payload(file: BinaryIO, offset: int, length: int) -> bytes:
    """One payload; raises ValueError when it is not what was written."""
    file.seek(offset)
    payload = file.read(length)
    if file.read(CHECKSUM.size) != _checksum(payload):
        raise ValueError(f"wrong checksum of the record at byte {offset}")
    return payload


def write_payloads(path: Path, payloads: Iterable[bytes]) -> None:
    """Write a TFRecord file."""
    with path.open("wb") as file:
        for payload in payloads:
            length = LENGTH.pack(len(payload))
            file.write(length + _checksum(length) + payload + _checksum(payload))


def _checksum(message: bytes) -> bytes:
    """CRC-32C, turned and shifted so that a message which holds its own checksum is no trap."""
    crc = google_crc32c.value(message)
    return CHECKSUM.pack(((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def write_example(features: Mapping[str, Values]) -> bytes:
    """Serialised Example; the same features give the same bytes, whatever their order."""
    entries = [
        _counted(1, _counted(1, name.encode()) + _counted(2, _feature(values)))
        for name, values in sorted(features.items())
    ]
    return _counted(1, b"".join(entries))


def read_example(serialised: bytes) -> dict[str, Values]:
    """Features of an Example; raises ValueError for anything else."""
    features: dict[str, Values] = {}
    for container in _fields(serialised, 1):
        for entry in _fields(container, 1):
            [name], [feature] = _fields(entry, 1), _fields(entry, 2)
            features[name.decode()] = _values(feature)
    return features


def _feature(values: Values) -> bytes:
    strings = [value for value in values if isinstance(value, bytes)]
    if strings:
        return _counted(BYTES_LIST, b"".join(_counted(1, string) for string in strings))
    return _counted(FLOAT_LIST, _counted(1, struct.pack(f"<{len(values)}f", *values)))


def _values(feature: bytes) -> Values:
    """Floats may be packed into one field or stand in one field each."""
    floats = [part for values in _fields(feature, FLOAT_LIST) for part in _fields(values, 1)]
    if floats:
        return tuple(np.frombuffer(b"".join(floats), "<f4").tolist())
    return tuple(value for values in _fields(feature, BYTES_LIST) for value in _fields(values, 1))


def _counted(field: int, content: bytes) -> bytes:
    """A field whose content is counted in bytes."""
    length, digits = len(content), bytearray([field << 3 | COUNTED])
    while length > 0x7F:
        digits.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes(digits) + bytes([length]) + content


def _fields(message: bytes, wanted: int) -> list[bytes]:
    """Contents of one field of a message, in their order."""
    found, offset = [], 0
    while offset < len(message):
        key, offset = _varint(message, offset)
        if key & 7 == VARINT:
            _, offset = _varint(message, offset)
            continue
        if key & 7 == COUNTED:
            length, offset = _varint(message, offset)
        elif key & 7 in (FOUR_BYTES, EIGHT_BYTES):
            length = 4 if key & 7 == FOUR_BYTES else 8
        else:
            raise ValueError("not a protobuf message")
        content = message[offset : offset + length]
        if len(content) < length:
            raise ValueError("a protobuf message that is cut off")
        if key >> 3 == wanted:
            found.append(content)
        offset += length
    return found


def _varint(message: bytes, offset: int) -> tuple[int, int]:
    """A number, seven bits a byte, and the offset behind it."""
    number = shift = 0
    while offset < len(message) and shift < 64:
        digit = message[offset]
        number |= (digit & 0x7F) << shift
        offset, shift = offset + 1, shift + 7
        if digit < 0x80:
            return number, offset
    raise ValueError("a protobuf message that is cut off")
