"""Android's x86_64 TensorFlow Lite library made loadable on Linux, for tests on the JVM.

    python -m android_demo.glibc_library libtensorflowlite_jni.so OUT

An Android library differs from a Linux one in the C library that it was linked against. Machine
code, TensorFlow Lite's own, stays as it is; changed are entries of the dynamic section: symbol
versions, which glibc does not have (LIBC), are dropped, `liblog.so` stays the only needed library
(`screens/shim.c` is built as one), and functions that take other arguments or constants on Android,
or promise more, get a capital letter: so the shim defines them, and no string moves.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

LOAD, DYNAMIC = 1, 2
NEEDED, HASH, STRINGS, SYMBOLS = 1, 4, 5, 6
# DT_VERSYM, DT_VERDEF and how many, DT_VERNEED and how many.
VERSION_TAGS = frozenset((0x6FFFFFF0, 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF))
IGNORED_TAG = 0x6FFFFEF0  # in the range that loaders pass over
KEPT_LIBRARY = b"liblog.so"
OTHER_ARGUMENTS = (b"sysconf", b"strerror_r")
OTHER_FILES = (b"fprintf", b"vfprintf", b"fputc", b"fflush", b"fwrite", b"fileno")
ALIGNED = (b"memalign", b"posix_memalign")
RENAMED = frozenset(OTHER_ARGUMENTS + OTHER_FILES + ALIGNED)


class ElfFile:
    """A 64-bit little-endian shared library in memory, changed in place."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        (headers,) = struct.unpack_from("<Q", data, 32)
        (count,) = struct.unpack_from("<H", data, 56)
        segments = [struct.unpack_from("<IIQQQQQQ", data, headers + 56 * i) for i in range(count)]
        # Address, place in the file, length.
        self._loads = [(s[3], s[2], s[5]) for s in segments if s[0] == LOAD]
        _, _, place, _, _, length, *_ = next(s for s in segments if s[0] == DYNAMIC)
        self.entries: list[tuple[int, int, int]] = []  # place, tag, value
        for at in range(place, place + length, 16):
            tag, value = struct.unpack_from("<QQ", data, at)
            if tag == 0:
                break
            self.entries.append((at, tag, value))
        self.values = {tag: value for _, tag, value in self.entries}

    def place(self, address: int) -> int:
        """Where in the file an address is loaded from."""
        return int(next(o + address - a for a, o, n in self._loads if a <= address < a + n))

    def text(self, place: int) -> bytes:
        """The string that begins there."""
        return bytes(self.data[place : self.data.index(0, place)])

    def ignore(self, entry_place: int) -> None:
        """Make an entry of the dynamic section one that loaders pass over."""
        struct.pack_into("<QQ", self.data, entry_place, IGNORED_TAG, 0)


def for_glibc(library: bytes) -> bytes:
    """The same library, for glibc and the shim. Raises ValueError for what is no ELF file."""
    if library[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    elf = ElfFile(library)
    strings, symbols = elf.place(elf.values[STRINGS]), elf.place(elf.values[SYMBOLS])
    for at, tag, value in elf.entries:
        is_other = tag == NEEDED and elf.text(strings + value) != KEPT_LIBRARY
        if tag in VERSION_TAGS or is_other:
            elf.ignore(at)
    (symbol_count,) = struct.unpack_from("<I", library, elf.place(elf.values[HASH]) + 4)
    for number in range(1, symbol_count):
        (name,) = struct.unpack_from("<I", library, symbols + 24 * number)
        if elf.text(strings + name) in RENAMED:
            first = strings + name
            elf.data[first : first + 1] = elf.data[first : first + 1].upper()
    return bytes(elf.data)


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(for_glibc(Path(sys.argv[1]).read_bytes()))
