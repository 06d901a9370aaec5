"""Image files to RGB uint8 and back: the one border to OpenCV's BGR."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import Uint8Image
from edge_runtime.atomic_file import write_whole
from edge_runtime.crop import LONGEST_SIDE_PX
from edge_runtime.errors import ImageArrayError, ImageReadError
from edge_runtime.files.file_kind import jpeg_size, why_no_file
from edge_runtime.files.orientation import UPRIGHT, Turn, turned, without_exif_turn
from edge_runtime.files.pillow_image import INSTALL, decode_with_pillow, pillow_format
from edge_runtime.native_stderr import stderr_of_libraries_closed

MOST_PIXELS = 250_000_000  # 750 MB as RGB: a Raspberry Pi still holds it
JPEG_QUALITY = 95
JPEG_MAGIC = b"\xff\xd8"
# Cameras' raw files are TIFFs whose first picture is a thumbnail.
RAW_SUFFIXES = frozenset({".dng", ".cr2", ".nef", ".arw", ".orf", ".rw2", ".pef", ".srw"})
BRIGHTEST_UNIT_MEAN = 2.0
OVERSHOOT = 0.5  # of resampled edges beyond white, as a share of it
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JP2_MAGIC, JPEG2000_CODESTREAM = b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"


def read_image(path: str | Path) -> Uint8Image:
    """Decode a file to RGB uint8 (H, W, 3), upright by its EXIF orientation.

    Grey becomes RGB; 16 and 32 bit and float become 8 bit (`to_rgb`), CMYK becomes RGB; transparent
    pixels are laid over white. Animations give one frame. HEIC, AVIF and GIF take
    `pip install 'face520[heic]'`.

    Raises ImageReadError when the path is no file or the file no image.
    """
    path = Path(path)
    encoded = _bytes_of(path)
    _check_size(path, *_size_in_header(encoded))
    _check_png_chunks(path, encoded)
    try:
        pixels, turn = _decode(path, encoded)
        if pixels is not None:
            _check_size(path, pixels.shape[1], pixels.shape[0])
            return turned(to_rgb(pixels), turn)
    except (cv2.error, MemoryError) as error:
        reason = getattr(error, "err", "") or "too little memory"
        raise ImageReadError(
            f"{path}: the image cannot be decoded ({reason}). Scale it down or save it as JPEG."
        ) from error
    raise ImageReadError(
        f"{path}: not an image, or a damaged one. Save it as JPEG, PNG or WebP and try again."
    )


def check_image(image: Uint8Image) -> None:
    """Raises ImageArrayError unless the array is an RGB uint8 image (H, W, 3)."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        kind = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
        raise ImageArrayError(f"The image must be an array of uint8, not {kind}.")
    if image.ndim != 3 or image.shape[2] != 3:
        raise ImageArrayError(
            f"The image must have the shape (height, width, 3), RGB, not {image.shape}. "
            "edge_runtime.read_image turns any file into one."
        )
    if max(image.shape) > LONGEST_SIDE_PX:
        raise ImageArrayError(
            f"The image {image.shape} is longer than {LONGEST_SIDE_PX} px on a side. Scale it down."
        )


def to_rgb(pixels: NDArray[Any]) -> Uint8Image:
    """OpenCV's grey, BGR or BGRA pixels of any type to RGB uint8 (H, W, 3).

    White is 65535 for uint16. For wider types, which name no white, it is the least of 1 (floats
    only), 255, 65535 and the largest value that fits the pixels.
    """
    if pixels.dtype == np.uint16:
        # 257 maps 65535 to 255 exactly; a shift by 8 would darken everything by half a level.
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    elif pixels.dtype != np.uint8:
        white = _white_of(pixels)
        unit = np.nan_to_num(pixels.astype(np.float32) / white, nan=0.0, posinf=1.0, neginf=0.0)
        pixels = np.round(np.clip(unit, 0, 1) * 255).astype(np.uint8)
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if channels == 4:
        pixels = _over_white(pixels)
    elif channels == 2:
        pixels, channels = pixels[:, :, 0], 1
    code = cv2.COLOR_GRAY2RGB if channels == 1 else cv2.COLOR_BGR2RGB
    return cv2.cvtColor(pixels, code).astype(np.uint8, copy=False)


def _white_of(pixels: NDArray[Any]) -> float:
    """The value of white in pixels of a type that names none."""
    finite = pixels[np.isfinite(pixels)]
    largest = float(finite.max(initial=0))
    # Highlights of a 0 to 1 photo may shine beyond 1; its mean does not.
    if pixels.dtype.kind == "f" and finite.size and float(finite.mean()) <= BRIGHTEST_UNIT_MEAN:
        return 1.0
    return next(
        (white for white in (255.0, 65535.0) if largest <= white * (1 + OVERSHOOT)), largest
    )


def _over_white(pixels: NDArray[Any]) -> Uint8Image:
    """BGRA uint8 (H, W, 4) laid over white, BGR (H, W, 3)."""
    over_white = np.ascontiguousarray(pixels[:, :, :3])
    # By rows that are not opaque, since the largest pictures would fill the memory as floats.
    for row in np.flatnonzero(pixels[:, :, 3].min(axis=1) < 255):
        alpha = pixels[row, :, 3:].astype(np.float32) / 255
        over_white[row] = np.round(over_white[row] * alpha + 255 * (1 - alpha))
    return over_white


def write_jpeg(path: Path, image: Uint8Image) -> None:
    """Write RGB uint8 (H, W, 3). Raises OutputWriteError."""
    write_whole(path, encode_jpeg(image))


def encode_jpeg(image: Uint8Image, quality: int = JPEG_QUALITY) -> bytes:
    """RGB uint8 (H, W, 3) to the bytes of a JPEG file."""
    parameters = [cv2.IMWRITE_JPEG_QUALITY, quality]
    return cv2.imencode(".jpg", to_bgr(image), parameters)[1].tobytes()


def decode_image(encoded: bytes) -> Uint8Image | None:
    """The file that `encode_jpeg` or any camera made, in memory, to RGB; None where it is damaged.

    For pictures that have been read once; `read_image` takes what users have.
    """
    # OpenCV raises on no bytes at all.
    bgr = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR) if encoded else None
    return None if bgr is None else from_bgr(bgr)


def from_bgr(pixels: NDArray[Any]) -> Uint8Image:
    """OpenCV's BGR uint8 (H, W, 3) to RGB."""
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def to_bgr(image: Uint8Image) -> Uint8Image:
    """RGB uint8 (H, W, 3) to the BGR that OpenCV writes and shows."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)


def _bytes_of(path: Path) -> bytes:
    if complaint := why_no_file(path):
        raise ImageReadError(complaint)
    try:
        encoded = path.read_bytes()
    except OSError as error:
        raise ImageReadError(
            f"{path}: cannot be read ({error.strerror}). Check the file's permissions."
        ) from error
    except MemoryError as error:
        raise ImageReadError(f"{path}: larger than this machine's memory.") from error
    if not encoded:
        raise ImageReadError(f"{path}: the file is empty (0 bytes). Copy or download it again.")
    return encoded


def _decode(path: Path, encoded: bytes) -> tuple[NDArray[Any] | None, Turn]:
    """Pixels as the file holds them, and the turn that brings them upright."""
    if kind := pillow_format(encoded):
        try:
            check_size = partial(_check_size, path)
            return decode_with_pillow(encoded, check_size), UPRIGHT
        except ImportError as error:
            # OpenCV reads GIF from 4.12 on.
            pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
            if kind != "GIF" or pixels is None:
                raise ImageReadError(f"{path}: a {kind} picture. To read it: {INSTALL}") from error
            return pixels, UPRIGHT
    if path.suffix.lower() in RAW_SUFFIXES:
        raise ImageReadError(
            f"{path}: a camera's raw file, of which only a thumbnail can be read. "
            "Export it as JPEG or TIFF."
        )
    if encoded.startswith(JP2_MAGIC):
        return _decode_jp2(encoded), UPRIGHT
    encoded, turn = without_exif_turn(encoded)
    is_jpeg = encoded.startswith(JPEG_MAGIC)
    # Only "unchanged" keeps alpha and all bits; of JPEG, it keeps CMYK too.
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH if is_jpeg else cv2.IMREAD_UNCHANGED
    return cv2.imdecode(np.frombuffer(encoded, np.uint8), flags), turn


def _decode_jp2(encoded: bytes) -> NDArray[Any] | None:
    """The pixels of a JPEG 2000 file, read without the boxes around its codestream.

    With them, OpenJPEG up to 2.5.3, which OpenCV holds, writes to memory that is not its own where
    the codestream's header is damaged (CVE-2025-54874).
    """
    start = encoded.find(JPEG2000_CODESTREAM)
    if start < 0:
        return None
    with stderr_of_libraries_closed():  # it notes that only the boxes tell the colour space
        return cv2.imdecode(np.frombuffer(encoded, np.uint8, offset=start), cv2.IMREAD_UNCHANGED)


def _size_in_header(encoded: bytes) -> tuple[int, int]:
    """Width and height that a JPEG or PNG claims, before memory is spent on it; else 0, 0."""
    if encoded.startswith(PNG_MAGIC):
        return int.from_bytes(encoded[16:20], "big"), int.from_bytes(encoded[20:24], "big")
    return jpeg_size(encoded) if encoded.startswith(JPEG_MAGIC) else (0, 0)


def _check_png_chunks(path: Path, encoded: bytes) -> None:
    """OpenCV takes the memory that a chunk claims, up to 2 GB, before it looks for its data."""
    position = len(PNG_MAGIC) if encoded.startswith(PNG_MAGIC) else len(encoded)
    while position + 8 <= len(encoded):
        length = int.from_bytes(encoded[position : position + 4], "big")
        if length > len(encoded):
            raise ImageReadError(f"{path}: a damaged PNG. Save it again and try again.")
        position += 12 + length


def _check_size(path: Path, width: int, height: int) -> None:
    if max(width, height) > LONGEST_SIDE_PX or width * height > MOST_PIXELS:
        raise ImageReadError(
            f"{path}: {width} x {height} px is too large, the limit is {LONGEST_SIDE_PX} px on a "
            f"side and {MOST_PIXELS // 1_000_000} million pixels. Scale it down."
        )
