"""Which way up a picture was taken: EXIF orientation, a film's turn, and the pixels set upright.

face520 turns pixels itself. OpenCV turns some and not others: none of a PNG with alpha, WebP and
coloured TIFF by its version, grey TIFF never, films all but in 4.11.0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import cv2
import numpy as np

from edge_runtime.arrays import Uint8Image

# a, b, c, d of x' = a x + c y, y' = b x + d y, each -1, 0 or 1, which bring the pixels upright.
Turn = tuple[int, int, int, int]

UPRIGHT: Turn = (1, 0, 0, 1)
# By degrees clockwise, as OpenCV's CAP_PROP_ORIENTATION_META gives them.
TURNS_BY_DEG: dict[int, Turn] = {
    0: UPRIGHT,
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}
# By the value of EXIF's tag Orientation (CIPA DC-008).
TURNS_BY_EXIF: dict[int, Turn] = {
    1: UPRIGHT,
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, 1, -1, 0),
    7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}
ORIENTATION_TAG, SHORT = 0x0112, 3
EXIF_PREFIX = b"Exif\0\0"


def turned(image: Uint8Image, turn: Turn) -> Uint8Image:
    """Pixels (H, W, 3) brought upright."""
    a, b, c, d = turn
    is_across = bool(b and c)
    if is_across:
        image = cv2.transpose(image).astype(np.uint8, copy=False)
    flips_x, flips_y = (c < 0, b < 0) if is_across else (a < 0, d < 0)
    if flips_x or flips_y:
        code = -1 if flips_x and flips_y else int(flips_x)
        image = cv2.flip(image, code).astype(np.uint8, copy=False)
    return image


def without_exif_turn(encoded: bytes) -> tuple[bytes, Turn]:
    """An image file that no reader turns any more, and the turn that it needs.

    JPEG and TIFF are changed; PNG and WebP, which OpenCV leaves alone when it reads them unchanged,
    stay as they are.
    """
    try:
        for start in _exif_starts(encoded):
            at, form = _orientation_in(encoded, start)
            if at:
                (value,) = struct.unpack_from(form, encoded, at)
                turn = TURNS_BY_EXIF.get(value, UPRIGHT)
                if turn != UPRIGHT and encoded[:2] in (b"\xff\xd8", b"II", b"MM"):
                    encoded = encoded[:at] + struct.pack(form, 1) + encoded[at + 2 :]
                return encoded, turn
    except struct.error:  # a damaged header says nothing
        pass
    return encoded, UPRIGHT


def _exif_starts(encoded: bytes) -> Iterator[int]:
    """Where EXIF data, which has the form of a TIFF file, begin."""
    if encoded[:4] in (b"II*\0", b"MM\0*"):
        yield 0
    elif encoded[:2] == b"\xff\xd8":
        at = 2
        while encoded[at : at + 1] == b"\xff" and encoded[at + 1 : at + 2] != b"\xda":
            if encoded[at + 1 : at + 2] == b"\xe1" and encoded[at + 4 : at + 10] == EXIF_PREFIX:
                yield at + 10
            at += 2 + struct.unpack_from(">H", encoded, at + 2)[0]
    elif encoded[:4] == b"\x89PNG":
        at = 8
        while at + 8 <= len(encoded):
            length, kind = struct.unpack_from(">I4s", encoded, at)
            if kind == b"eXIf":
                yield at + 8
            at += 12 + length
    elif encoded[:4] == b"RIFF" and encoded[8:12] == b"WEBP":
        at = 12
        while at + 8 <= len(encoded):
            kind, length = struct.unpack_from("<4sI", encoded, at)
            if kind == b"EXIF":
                has_prefix = encoded[at + 8 : at + 14] == EXIF_PREFIX
                yield at + 8 + len(EXIF_PREFIX) * has_prefix
            at += 8 + length + length % 2


def _orientation_in(encoded: bytes, start: int) -> tuple[int, str]:
    """Where the orientation's value lies, and its form; 0 where there is none (TIFF 6.0)."""
    order = {b"II": "<", b"MM": ">"}.get(encoded[start : start + 2])
    if order is None:
        return 0, ""
    (first,) = struct.unpack_from(f"{order}I", encoded, start + 4)
    at = start + first
    (count,) = struct.unpack_from(f"{order}H", encoded, at)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(f"{order}HH", encoded, entry)
        if tag == ORIENTATION_TAG and kind == SHORT:
            return entry + 8, f"{order}H"
    return 0, ""
