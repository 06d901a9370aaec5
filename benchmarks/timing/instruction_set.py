"""An x86 processor of which this process sees less: the kernels that an older one would run."""

from __future__ import annotations

import ctypes
import platform
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.errors import BenchmarkError
from benchmarks.tool import build_library

SOURCE = Path(__file__).with_name("instruction_set.c")
EAX, EBX, ECX, EDX = range(4)
# Leaf, subleaf, register and bits of CPUID (Intel's manual, volume 2A, CPUID).
AVX = (1, 0, ECX, (12, 28, 29))  # FMA, AVX, F16C
AVX2 = (7, 0, EBX, (5,))
AVX512 = (7, 0, EBX, (16, 17, 21, 26, 27, 28, 30, 31))
FMA = (1, 0, ECX, (12,))
AVX512_LATER = ((7, 0, ECX, (1, 6, 12, 14)), (7, 0, EDX, (2, 3, 8, 23)), (7, 1, EAX, (5,)))
AVX512_VNNI = (7, 0, ECX, (11,))
AVX_VNNI = (7, 1, EAX, (4,))
MATRICES = ((7, 0, EDX, (22, 24, 25)), (7, 1, EAX, (21, 23)), (7, 1, EDX, (4, 10, 19)))
NO_AVX512 = (AVX512, AVX512_VNNI, *AVX512_LATER, *MATRICES)
# What is hidden so that the rest is what such processors have; the last two bear the dot product.
INSTRUCTION_SETS = {
    "sse4": (AVX, AVX2, AVX_VNNI, *NO_AVX512),
    "avx": (FMA, AVX2, AVX_VNNI, *NO_AVX512),
    "avx2": (AVX_VNNI, *NO_AVX512),
    "avx512": (AVX512_VNNI, AVX_VNNI, *AVX512_LATER, *MATRICES),
    "avx-vnni": NO_AVX512,
    # Ice Lake: without the matrix unit and the numbers of 16 bits that came with it.
    "avx512-vnni": (AVX_VNNI, (7, 0, EDX, (23,)), (7, 1, EAX, (5,)), *MATRICES),
}

_chosen: str | None = None
# The library that watches, where CPUID itself cannot be answered for this processor.
_watching: ctypes.CDLL | None = None
_asked: set[str] = set()


class _Hidden(ctypes.Structure):
    _fields_ = (
        ("leaf", ctypes.c_uint32),
        ("subleaf", ctypes.c_uint32),
        ("registers", ctypes.c_uint32 * 4),
    )


def choose_instruction_set(name: str) -> str:
    """Hide from this process what goes beyond one of INSTRUCTION_SETS; returns what then holds.

    Interpreters look at the processor once, so the first choice of a process holds, and "" is
    whatever it was. Raises BenchmarkError for another one, and where nothing can be hidden.
    """
    global _chosen
    if _chosen is None:
        if name:
            _hide(name)
        _chosen = name
    elif name not in ("", _chosen):
        raise BenchmarkError(
            f"This process runs with {_chosen or 'all instructions'} already. Measure {name} in "
            "another one (--processes)."
        )
    return _chosen


def is_watched(runtime: str) -> bool:
    """Whether a runtime has yet to ask what the processor has, within `asked_first`.

    Where the processor answers for CPUID itself, it is told at any time what
    `choose_instruction_set` left.
    """
    return _watching is not None and runtime not in _asked


@contextmanager
def asked_first(runtime: str) -> Iterator[None]:
    """While a runtime asks what the processor has, which it does once; it is imported before."""
    if _watching is None or runtime in _asked:
        yield
        return
    if _watching.watch() < 0:
        raise BenchmarkError("The code of this process's libraries cannot be watched.")
    try:
        yield
    finally:
        _watching.unwatch()
    _asked.add(runtime)


def _hide(name: str) -> None:
    global _watching
    if name not in INSTRUCTION_SETS:
        known = ", ".join(INSTRUCTION_SETS)
        raise BenchmarkError(f"{name}: no such instruction set. Choose one of {known}.")
    if platform.machine() != "x86_64" or platform.system() != "Linux":
        raise BenchmarkError(f"{name}: instructions can be hidden on x86-64 Linux alone.")
    with TemporaryDirectory() as scratch:
        loaded = ctypes.CDLL(str(build_library(SOURCE, Path(scratch))))
    bits = _bits(name)
    if (answer := loaded.hide(bits, len(bits))) < 0:
        raise BenchmarkError(f"{name}: this system lets nothing be hidden from a process.")
    _watching = loaded if answer else None


def _bits(name: str) -> ctypes.Array[_Hidden]:
    masks: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * 4)
    for leaf, subleaf, register, bits in INSTRUCTION_SETS[name]:
        for bit in bits:
            masks[leaf, subleaf][register] |= 1 << bit
    found = [_Hidden(*leaf, (ctypes.c_uint32 * 4)(*registers)) for leaf, registers in masks.items()]
    return (_Hidden * len(found))(*found)
