"""An RGB image to a JPEG file."""

from __future__ import annotations

from pathlib import Path

import cv2

from edge_runtime.arrays import Uint8Image
from edge_runtime.atomic_file import write_whole

JPEG_QUALITY = 95


def write_jpeg(path: Path, image: Uint8Image) -> None:
    """Write RGB uint8 (H, W, 3). Raises OutputWriteError."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    write_whole(path, encoded.tobytes())
