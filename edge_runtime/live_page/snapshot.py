"""A frame as browsers get it: one message with the picture, the points and what the face does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.atomic_file import write_whole
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.image_file import encode_jpeg
from edge_runtime.results.result_json import ImageResult, face_to_json, write_json
from edge_runtime.video.frame_source import Frame

STREAM_QUALITY = 80
ALIGNMENT = 4  # of the points in a message, which browsers read as float32


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A frame that has been encoded, the number-th of a page; its pixels are let go of.

    message: uint32 length of the JSON, the JSON, of each face 520 x and y as float32 px and 520
    visibilities as uint8, the JPEG; all little-endian.
    """

    number: int
    message: bytes
    jpeg: bytes
    frame: int
    size_px: tuple[int, int]
    faces: Sequence[FaceLandmarks]

    @classmethod
    def of(cls, number: int, frame: Frame, faces: Sequence[FaceLandmarks]) -> Snapshot:
        """Encode a frame."""
        height, width = frame.image.shape[:2]
        jpeg = encode_jpeg(frame.image, STREAM_QUALITY)
        head = {
            "frame": frame.index,
            "time_ms": round(frame.timestamp_ms, 3),
            "width": width,
            "height": height,
            "faces": [_told(face) for face in faces],
        }
        text = json.dumps(head, separators=(",", ":")).encode()
        text += b" " * (-len(text) % ALIGNMENT)
        parts = [len(text).to_bytes(4, "little"), text]
        for face in faces:
            parts.append(face.points[:, :2].astype("<f4").tobytes())
            parts.append(np.round(face.visibility * 255).astype(np.uint8).tobytes())
        return cls(number, b"".join([*parts, jpeg]), jpeg, frame.index, (width, height), faces)

    def save(self, folder: Path, stem: str, model: str) -> list[Path]:
        """Write the picture and its result beside it. Raises OutputWriteError."""
        name = f"{stem}_{datetime.now():%Y%m%d_%H%M%S}_{self.frame}"
        picture, result = folder / f"{name}.jpg", folder / f"{name}.json"
        write_whole(picture, self.jpeg)
        write_json(result, ImageResult(picture.name, *self.size_px, model, self.faces))
        return [picture, result]


def _told(face: FaceLandmarks) -> dict[str, Any]:
    """What the JSON of a message says of a face."""
    told = face_to_json(face, with_points=False)
    del told["aspect_ratios"]  # the page shows openings
    return told
