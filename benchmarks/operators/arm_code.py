"""Pieces of a 64-bit ARM program, how often they run, and what their instructions are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, eq=False)
class Block:
    """A piece of the program that runs from its first instruction to its last.

    code: its instructions as they are encoded. There is one object for each block.
    """

    address: int
    code: tuple[bytes, ...]

    @property
    def is_loop(self) -> bool:
        """Whether it ends by a conditional jump to its own start.

        B.cond, CBZ and CBNZ have an offset of 19 bits, TBZ and TBNZ one of 14, in words.
        """
        word = int.from_bytes(self.code[-1], "little")
        if word & 0xFF000010 == 0x54000000 or word & 0x7E000000 == 0x34000000:
            bits = 19
        elif word & 0x7E000000 == 0x36000000:
            bits = 14
        else:
            return False
        offset = word >> 5 & (1 << bits) - 1
        backwards = (1 << bits) - offset
        return backwards == len(self.code) - 1


# Times that each block ran, in one inference.
BlockCounts = Mapping[Block, int]

# Bits and their values by which an encoding is told: Arm Architecture Reference Manual for
# A-profile, C4.1.
# SDOT, UDOT: four products of 8 bits into each of four sums of 32; vector, by element.
DOT = ((0x9FE0FC00, 0x0E809400), (0x9FC0F400, 0x0F80E000))
# SMLAL, UMLAL, SMULL, UMULL of 8 or 16 bits; vector, by element.
WIDENING = (
    (0x9F20BC00, 0x0E208000), (0x9F20BC00, 0x0E20A000), (0x9F00B400, 0x0F002000),
    (0x9F00F400, 0x0F00A000),
)  # fmt: skip
# FMLA of 32 or 16 bits; vector, by element.
FUSED = (
    (0xBFA0FC00, 0x0E20CC00), (0xBFE0FC00, 0x0E400C00), (0xBF80F400, 0x0F801000),
    (0xBFC0F400, 0x0F001000),
)  # fmt: skip
VECTOR = ((0x0E000000, 0x0E000000),)
LOAD = ((0x0A400000, 0x08400000), (0x3B000000, 0x18000000))
MEMORY = ((0x0A000000, 0x08000000),)
# A vector of 64 bits, of which a core may start two where it starts one of 128.
HALF_VECTOR = 0x40000000


@dataclass(frozen=True)
class ArmInstructions:
    """Instructions of one inference, and how many of them are of a kind.

    dot_products: SDOT, UDOT (16 products of 8 bits). widening: SMULL, SMLAL and unsigned (8 or 4).
    fused: FMLA (4 products of float32). They tell which kernels ran. vectors: all that compute in
    vector registers, half_vectors: those among them of 64 bits. loads, stores: of any register.
    """

    executed: int
    dot_products: int
    widening: int
    fused: int
    vectors: int = 0
    half_vectors: int = 0
    loads: int = 0
    stores: int = 0

    @classmethod
    def of(cls, blocks: BlockCounts) -> ArmInstructions:
        """Of all blocks together."""
        total = [0] * 8
        for block, times in blocks.items():
            for encoded in block.code:
                for index, is_one in enumerate(_kinds(encoded)):
                    total[index] += times * is_one
        return cls(*total)

    @property
    def multiplies_by(self) -> str:
        """The instruction that multiplies most often."""
        kinds = {"SDOT": self.dot_products, "SMLAL": self.widening, "FMLA": self.fused}
        return max(kinds, key=lambda kind: kinds[kind]) if any(kinds.values()) else "–"


@cache
def _kinds(encoded: bytes) -> tuple[bool, ...]:
    """In the order of the fields of ArmInstructions."""
    word = int.from_bytes(encoded, "little")

    def is_one(patterns: tuple[tuple[int, int], ...]) -> bool:
        return any(word & mask == value for mask, value in patterns)

    is_vector, is_load = is_one(VECTOR), is_one(LOAD)
    multiplies = (is_one(DOT), is_one(WIDENING), is_one(FUSED))
    is_half = is_vector and not any(multiplies[:2]) and not word & HALF_VECTOR
    is_store = is_one(MEMORY) and not is_load
    return (True, *multiplies, is_vector, is_half, is_load, is_store)
