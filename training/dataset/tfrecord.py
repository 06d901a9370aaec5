"""TFRecord files, read and written without TensorFlow.

A record is its length (8 bytes), the length's checksum (4), the payload and its checksum (4), all
little-endian: tensorflow/core/lib/io/record_writer.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from training.dataset.crc32c import crc32c

LENGTH, CHECKSUM = struct.Struct("<Q"), struct.Struct("<I")


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
    crc = crc32c(message)
    return CHECKSUM.pack(((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
