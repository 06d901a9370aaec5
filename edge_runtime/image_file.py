"""Image files to RGB uint8 and back: the one border to OpenCV's BGR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import Uint8Image
from edge_runtime.atomic_file import write_whole
from edge_runtime.crop import LONGEST_SIDE_PX
from edge_runtime.errors import ImageArrayError, ImageReadError

MOST_PIXELS = 250_000_000  # 750 MB as RGB: a Raspberry Pi still holds it
JPEG_QUALITY = 95
JPEG_MAGIC = b"\xff\xd8"
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def read_image(path: str | Path) -> Uint8Image:
    """Decode a file to RGB uint8 (H, W, 3), upright by its EXIF orientation.

    Grey becomes RGB, 16 bit and float (0 to 1) become 8 bit, CMYK becomes RGB; transparent pixels
    are laid over white. An image with alpha is not turned by EXIF. Animations give one frame.

    Raises ImageReadError when the path is no file or the file no image.
    """
    path = Path(path)
    encoded = _bytes_of(path)
    _check_size(path, *_size_in_header(encoded))
    _check_png_chunks(path, encoded)
    try:
        pixels = _decode(encoded)
    except (cv2.error, MemoryError) as error:
        reason = getattr(error, "err", "") or "too little memory"
        raise ImageReadError(
            f"{path}: the image cannot be decoded ({reason}). Scale it down or save it as JPEG."
        ) from error
    if pixels is None:
        raise ImageReadError(
            f"{path}: not an image, or a damaged one. Save it as JPEG, PNG or WebP and try again."
        )
    _check_size(path, pixels.shape[1], pixels.shape[0])
    return to_rgb(pixels)


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
    """OpenCV's grey, BGR or BGRA pixels of uint8, uint16 or float to RGB uint8 (H, W, 3)."""
    if pixels.dtype == np.uint16:
        # 257 maps 65535 to 255 exactly; a shift by 8 would darken everything by half a level.
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    elif pixels.dtype != np.uint8:
        unit = np.nan_to_num(pixels.astype(np.float32), nan=0.0, posinf=1.0, neginf=0.0)
        pixels = np.round(np.clip(unit, 0, 1) * 255).astype(np.uint8)
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if channels == 4:
        pixels = _over_white(pixels)
    elif channels == 2:
        pixels, channels = pixels[:, :, 0], 1
    code = cv2.COLOR_GRAY2RGB if channels == 1 else cv2.COLOR_BGR2RGB
    return cv2.cvtColor(pixels, code).astype(np.uint8, copy=False)


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


def encode_jpeg(image: Uint8Image) -> bytes:
    """RGB uint8 (H, W, 3) to the bytes of a JPEG file."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    return cv2.imencode(".jpg", to_bgr(image), quality)[1].tobytes()


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
    if path.is_dir():
        raise ImageReadError(f"{path}: a folder, not an image. Give a file in it.")
    try:
        encoded = path.read_bytes()
    except FileNotFoundError as error:
        raise ImageReadError(f"{path}: no such file. Check the spelling of the path.") from error
    except OSError as error:
        raise ImageReadError(
            f"{path}: cannot be read ({error.strerror}). Check the file's permissions."
        ) from error
    if not encoded:
        raise ImageReadError(f"{path}: the file is empty (0 bytes). Copy or download it again.")
    return encoded


def _decode(encoded: bytes) -> NDArray[Any] | None:
    buffer = np.frombuffer(encoded, np.uint8)
    upright = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    if encoded.startswith(JPEG_MAGIC):
        return cv2.imdecode(buffer, upright)
    pixels = cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED)
    # Only "unchanged" keeps alpha, but it ignores EXIF.
    has_alpha = pixels is not None and pixels.ndim == 3 and pixels.shape[2] == 4
    if pixels is None or has_alpha or not (b"eXIf" in encoded or b"EXIF" in encoded):
        return pixels
    return cv2.imdecode(buffer, upright)


def _size_in_header(encoded: bytes) -> tuple[int, int]:
    """Width and height that a JPEG or PNG claims, before memory is spent on it; else 0, 0."""
    if encoded.startswith(PNG_MAGIC):
        return int.from_bytes(encoded[16:20], "big"), int.from_bytes(encoded[20:24], "big")
    position = 2 if encoded.startswith(JPEG_MAGIC) else len(encoded)
    while position + 9 <= len(encoded) and encoded[position] == 0xFF:
        marker = encoded[position + 1]
        # Start-of-frame segments hold the size; C4, C8 and CC are tables (ITU T.81, table B.1).
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height = int.from_bytes(encoded[position + 5 : position + 7], "big")
            return int.from_bytes(encoded[position + 7 : position + 9], "big"), height
        position += 2 + int.from_bytes(encoded[position + 2 : position + 4], "big")
    return 0, 0


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
