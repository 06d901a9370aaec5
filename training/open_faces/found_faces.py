"""The open photos as records, labelled by the bundled model for want of labels."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.image_file import read_image
from edge_runtime.network.bundled_model import MODEL_PATH
from training.dataset.records import FaceRecord


def found_faces(photos: Iterable[Path]) -> list[FaceRecord]:
    """Faces with the landmarks and the yaw that main's int8 file gives them."""
    found = []
    # One file on every machine, or the squares would differ between processors.
    with FaceLandmarker.create(MODEL_PATH) as landmarker:
        for path in photos:
            for face in landmarker.detect(read_image(path)):
                content = path.read_bytes()
                found.append(FaceRecord(path.name, content, face.points, face.pose.yaw_deg))
    return found
