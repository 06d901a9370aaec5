"""Pictures that OpenCV's wheels do not read, or not in every version: HEIC, AVIF, GIF."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.files.file_kind import is_avif, is_heic

INSTALL = "pip install 'face520[heic]'"


def pillow_format(encoded: bytes) -> str:
    """HEIC, AVIF or GIF for a file of that format; "" for any other."""
    if encoded[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if is_avif(encoded[:64]):
        return "AVIF"
    return "HEIC" if is_heic(encoded[:64]) else ""


def decode_with_pillow(
    encoded: bytes, check_size: Callable[[int, int], None]
) -> NDArray[Any] | None:
    """BGRA pixels (H, W, 4), upright, of the first picture; None for a damaged file.

    check_size hears width and height before memory is spent. Raises ImportError where Pillow, or
    pillow-heif for HEIC, is absent.
    """
    # Older versions lack a format; its reader then says that it knows no such file.
    pillow = importlib.import_module("PIL.Image")
    operations = importlib.import_module("PIL.ImageOps")
    if is_heic(encoded[:64]):
        importlib.import_module("pillow_heif").register_heif_opener()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sizes, which are checked here
        try:
            with pillow.open(BytesIO(encoded)) as picture:
                check_size(*picture.size)
                upright = operations.exif_transpose(picture).convert("RGBA")
        except (OSError, ValueError, SyntaxError, RuntimeError, EOFError, KeyError):
            return None
        except pillow.DecompressionBombError:
            return None
    return np.asarray(upright)[:, :, [2, 1, 0, 3]]
