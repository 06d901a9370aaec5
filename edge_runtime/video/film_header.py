"""What a video file says of itself that OpenCV does not pass on, or not in every version.

ISO base media files (.mp4, .mov, .3gp; ISO/IEC 14496-12) tell the most; Matroska (RFC 8794, RFC
9559), AVI and FLV whether they are whole and have sound.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from edge_runtime.files.file_kind import is_raw_stream
from edge_runtime.files.orientation import UPRIGHT, Turn

HEAD_BYTES = 1 << 16
MOST_INDEX_BYTES = 1 << 28  # an hour at 60 frames a second takes 4 MB
MATROSKA_AUDIO = re.compile(rb"\x86[\x81-\xbf]A_[A-Z]")  # element CodecID of an audio track
EBML_MAGIC, SEGMENT_ID = b"\x1aE\xdf\xa3", b"\x18S\x80g"


@dataclass(frozen=True)
class FilmHeader:
    """None stands for what the file does not tell.

    frame_count: pictures, exactly. turn: what brings the pictures upright. missing_bytes: how much
    shorter the file is than it says.
    """

    frame_count: int | None = None
    turn: Turn | None = None
    has_sound: bool | None = None
    missing_bytes: int = 0


def read_film_header(path: Path) -> FilmHeader:
    """Read what the file tells; a damaged or unknown one tells nothing. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        try:
            if head.startswith(EBML_MAGIC):
                has_sound = MATROSKA_AUDIO.search(head) is not None
                missing_bytes = max(_matroska_end(head) - size, 0)
                return FilmHeader(has_sound=has_sound, missing_bytes=missing_bytes)
            if head[:4] == b"RIFF":
                end = 8 + int.from_bytes(head[4:8], "little")
                return FilmHeader(has_sound=b"auds" in head, missing_bytes=max(end - size, 0))
            if head[:3] == b"FLV":
                return FilmHeader(has_sound=bool(head[4] & 4))
            if head[4:8].isalpha():
                return _read_iso(file, size)
        except (struct.error, LookupError, ValueError):
            return FilmHeader()
    return FilmHeader(has_sound=False) if is_raw_stream(path) else FilmHeader()


def _matroska_end(head: bytes) -> int:
    """Where the file ends by its own account; 0 where it does not say."""
    at = head.find(SEGMENT_ID)
    if at < 0:
        return 0
    at += len(SEGMENT_ID)
    length = 9 - head[at].bit_length()
    size = int.from_bytes(head[at : at + length], "big") & ((1 << 7 * length) - 1)
    # All ones: the recorder did not know the size, as browsers do not.
    return 0 if size == (1 << 7 * length) - 1 else at + length + size


def _read_iso(file: BinaryIO, size: int) -> FilmHeader:
    at, header, missing_bytes = 0, FilmHeader(), 0
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        start = 8
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
            start = 16
        length = length or size - at
        if length < start:
            break
        missing_bytes = max(at + length - size, 0)
        if kind == b"moov" and length <= MOST_INDEX_BYTES:
            header = _read_index(file.read(length - start))
        at += length
    return replace(header, missing_bytes=missing_bytes)


def _read_index(index: bytes) -> FilmHeader:
    header = FilmHeader(has_sound=False)
    movie_scale = 0
    for kind, content in _boxes(index):
        if kind == b"mvhd":
            (movie_scale,) = struct.unpack_from(">I", content, 20 if content[0] else 12)
        if kind == b"mvex":  # the pictures' list is in fragments
            header = replace(header, frame_count=None)
        if kind != b"trak":
            continue
        track = dict(_boxes(content))
        media = dict(_boxes(track.get(b"mdia", b"")))
        handler = media.get(b"hdlr", b"")[8:12]
        if handler == b"soun":
            header = replace(header, has_sound=True)
        elif handler == b"vide" and header.turn is None:
            count = None if _is_trimmed(track, media, movie_scale) else _sample_count(media)
            header = replace(header, turn=_turn(track[b"tkhd"]), frame_count=count)
    return header


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if length < 8:
            return
        yield kind, content[at + 8 : at + length]
        at += length


def _turn(track_header: bytes) -> Turn:
    matrix = struct.unpack_from(">5i", track_header, 52 if track_header[0] else 40)
    a, b, _, c, d = (round(value / 65536) for value in matrix)
    is_turn = abs(a * d - b * c) == 1 and max(map(abs, (a, b, c, d))) == 1 and not (a and b)
    return (a, b, c, d) if is_turn else UPRIGHT


def _sample_count(media: dict[bytes, bytes]) -> int | None:
    tables = dict(_boxes(dict(_boxes(media.get(b"minf", b""))).get(b"stbl", b"")))
    if b"stsz" not in tables:
        return None
    (count,) = struct.unpack_from(">I", tables[b"stsz"], 8)
    return int(count) or None


def _is_trimmed(track: dict[bytes, bytes], media: dict[bytes, bytes], movie_scale: int) -> bool:
    """Whether an edit list shows less than the file holds, as after cutting a film on a phone."""
    edits = dict(_boxes(track.get(b"edts", b""))).get(b"elst")
    if edits is None:
        return False
    about = media[b"mdhd"]
    scale, length = struct.unpack_from(*(">IQ", about, 20) if about[0] else (">II", about, 12))
    (count,) = struct.unpack_from(">I", edits, 4)
    row = ">Qqi" if edits[0] else ">Iii"
    rows = [
        struct.unpack_from(row, edits, 8 + number * struct.calcsize(row)) for number in range(count)
    ]
    shown_s = sum(duration for duration, start, _ in rows if start >= 0) / max(movie_scale, 1)
    full_s = length / max(scale, 1) - 1 / max(movie_scale, 1) - 1e-3
    return bool(count != 1 or shown_s < full_s)
