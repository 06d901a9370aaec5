"""A table of landmarks for spreadsheets and pandas (CSV)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge_runtime.atomic_file import write_whole
from edge_runtime.face_landmarks import FaceLandmarks

CSV_HEADER = "face,landmark,x_px,y_px,z_px,visibility"


def write_csv(path: Path, faces: Sequence[FaceLandmarks]) -> None:
    """One row per landmark: face and landmark number from 0, position in image px, visibility."""
    rows = [CSV_HEADER]
    for number, face in enumerate(faces):
        table = zip(face.points.tolist(), face.visibility.tolist(), strict=True)
        rows += [
            f"{number},{landmark},{x:.3f},{y:.3f},{z:.3f},{seen:g}"
            for landmark, ((x, y, z), seen) in enumerate(table)
        ]
    write_whole(path, ("\n".join(rows) + "\n").encode())
