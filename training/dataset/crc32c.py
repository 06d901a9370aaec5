"""CRC-32C, the checksum of TFRecord files, over whole arrays at a time.

The register of a CRC is linear in the message: what each byte of a block leaves in it is looked up
by its place, and what the blocks leave is folded in the same way.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL = 0x82F63B78  # Castagnoli's, bits reversed (RFC 3720, appendix B.4)
BLOCK_BYTES = 256
FOLD = 64  # registers that become one
# Four bytes that take an empty register to the 0xFFFFFFFF with which a CRC-32C begins.
OPENING = bytes.fromhex("54641f64")

Registers = NDArray[np.uint32]


def crc32c(message: bytes) -> int:
    """Checksum of a message of any length."""
    registers = _lookup(OPENING + message, BLOCK_BYTES, _block_table())
    level = 0
    while len(registers) > 1:
        own = registers[::-1][::FOLD][::-1]  # the last of each fold has no zeros behind it
        others = np.zeros((len(own), FOLD), "<u4")
        others.reshape(-1)[-len(registers) :] = registers
        others[:, -1] = 0
        registers = _lookup(others.tobytes(), FOLD * 4, _fold_table(level)) ^ own
        level += 1
    return int(registers[0]) ^ 0xFFFFFFFF


def _lookup(message: bytes, row_bytes: int, table: Registers) -> Registers:
    """Registers after each row of a message, which is filled up with zeros in front."""
    rows = -(-len(message) // row_bytes)
    padded = np.zeros(rows * row_bytes, np.uint8)  # zeros leave an empty register empty
    padded[-len(message) :] = np.frombuffer(message, np.uint8)
    places = padded.reshape(rows, row_bytes) + np.arange(row_bytes) * 256
    return np.bitwise_xor.reduce(table.take(places), axis=1)


@cache
def _byte_table() -> Registers:
    """The register (256,) after one byte."""
    register = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        register = np.where(register & 1, (register >> 1) ^ np.uint32(POLYNOMIAL), register >> 1)
    return register


@cache
def _block_table() -> Registers:
    """What a byte at a place of a block leaves at the block's end: (BLOCK_BYTES * 256,)."""
    rows = [_byte_table()]
    for _ in range(BLOCK_BYTES - 1):
        rows.append(_after_zero(rows[-1]))
    return np.concatenate(rows[::-1])


@cache
def _fold_table(level: int) -> Registers:
    """What a byte of one of FOLD registers leaves in the last: (FOLD * 4 * 256,)."""
    one = _stride_table(level)
    rows = [one]
    for _ in range(FOLD - 1):
        rows.append(_after_zeros(rows[-1], one))
    return np.concatenate([row.reshape(-1) for row in rows[-2::-1]] + [np.zeros(1024, np.uint32)])


@cache
def _stride_table(level: int) -> Registers:
    """A register's bytes (4, 256) after the zeros of one block, of FOLD blocks, ..."""
    if level:
        shorter = registers = _stride_table(level - 1)
        for _ in range(FOLD - 1):
            registers = _after_zeros(registers, shorter)
        return registers
    registers = np.arange(256, dtype=np.uint32) << np.array([[0], [8], [16], [24]], np.uint32)
    for _ in range(BLOCK_BYTES):
        registers = _after_zero(registers)
    return registers


def _after_zero(registers: Registers) -> Registers:
    return _byte_table()[registers & 0xFF] ^ (registers >> 8)


def _after_zeros(registers: Registers, table: Registers) -> Registers:
    parts = [table[place][(registers >> (8 * place)) & 0xFF] for place in range(4)]
    return parts[0] ^ parts[1] ^ parts[2] ^ parts[3]
