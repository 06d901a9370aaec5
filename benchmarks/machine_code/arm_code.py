"""Pieces of a program, how often they run, and what ARM's instructions in them are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, eq=False)
class Block:
    """A piece of a program that runs from its first instruction to its last.

    code: its instructions as they are encoded. There is one object for each block.
    """

    address: int
    code: tuple[bytes, ...]

    @property
    def is_loop(self) -> bool:
        """Whether it ends by a conditional jump to its own start."""
        return _jump_offset(self.code[-1]) == -sum(map(len, self.code))


# Times that each block ran, in one inference.
BlockCounts = Mapping[Block, int]
# What the programs print that count blocks, ours in C.
BLOCK, END = "block ", "end of blocks"

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


def blocks_of_processes(printed: str) -> tuple[list[dict[Block, int]], list[str]]:
    """How often each block ran in each process, in the order of their ends, and all other lines."""
    processes, blocks = [], dict[Block, int]()
    known, others = dict[str, Block](), list[str]()
    for line in printed.splitlines():
        if line.startswith(BLOCK):
            _, address, times, code = line.split(" ")
            block = known.get(address + code)
            if block is None:
                encoded = tuple(bytes.fromhex(one) for one in code.split(","))
                block = known[address + code] = Block(int(address, 16), encoded)
            blocks[block] = int(times)
        elif line == END:
            processes.append(blocks)
            blocks = {}
        elif line.strip():
            others.append(line)
    return processes, others


def added_by_a_call(processes: Sequence[dict[Block, int]]) -> tuple[BlockCounts, ...]:
    """Of each pair of processes of `counted_process.py` what the second one ran more often."""
    return tuple(
        {
            block: times - without.get(block, 0)
            for block, times in with_call.items()
            if times != without.get(block, 0)
        }
        for without, with_call in zip(processes[::2], processes[1::2])
    )


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


def _jump_offset(encoded: bytes) -> int | None:
    """How far a conditional jump goes, in bytes from its own end; None for other instructions.

    ARM's are four bytes long: B.cond, CBZ and CBNZ have 19 bits for the words from their start,
    TBZ and TBNZ have 14. On x86 they are two bytes long or six (Intel's manual, volume 2, Jcc).
    """
    if len(encoded) in (2, 6):
        is_short, is_near = encoded[0] & 0xF0 == 0x70, encoded[:1] == b"\x0f"
        jumps = is_short if len(encoded) == 2 else is_near and encoded[1] & 0xF0 == 0x80
        offset = encoded[1:] if is_short else encoded[2:]
        return int.from_bytes(offset, "little", signed=True) if jumps else None
    word = int.from_bytes(encoded, "little")
    if word & 0xFF000010 == 0x54000000 or word & 0x7E000000 == 0x34000000:
        bits = 19
    elif word & 0x7E000000 == 0x36000000:
        bits = 14
    else:
        return None
    words = word >> 5 & (1 << bits) - 1
    return 4 * (words - (words >> bits - 1 << bits)) - len(encoded)
