"""A table of landmarks for spreadsheets and pandas (CSV)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge_runtime.atomic_file import write_whole
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.face_landmarks import FaceLandmarks

CSV_HEADER = "face,landmark,x_px,y_px,z_px,visibility"
FACE_COLUMNS = (
    "face", "presence", "left_px", "top_px", "right_px", "bottom_px", "yaw_deg", "pitch_deg",
    "roll_deg", "left_eye_opening", "right_eye_opening", "mouth_opening", "left_eye_ratio",
    "right_eye_ratio", "mouth_ratio", "visibility_from",
)  # fmt: skip


def write_csv(path: Path, faces: Sequence[FaceLandmarks]) -> None:
    """One row per landmark: face and landmark number from 0, position in image px, visibility."""
    rows = [CSV_HEADER]
    for number, face in enumerate(faces):
        table = zip(face.points.tolist(), face.visibility.tolist(), strict=True)
        rows += [
            f"{number},{landmark},{x:.3f},{y:.3f},{z:.3f},{seen:.3g}"
            for landmark, ((x, y, z), seen) in enumerate(table)
        ]
    write_whole(path, ("\n".join(rows) + "\n").encode())


def write_faces_csv(path: Path, faces: Sequence[FaceLandmarks]) -> None:
    """One row per face: its numbers, then the expression's 52, empty where they are not known."""
    rows = [",".join([*FACE_COLUMNS, *BLENDSHAPE_NAMES])]
    unknown = np.full(len(BLENDSHAPE_NAMES), np.nan)
    for number, face in enumerate(faces):
        parts = (face.box, face.pose, face.openings, face.aspect_ratios)
        numbers = [face.presence, *(value for part in parts for value in vars(part).values())]
        expression = unknown if face.expression is None else face.expression
        cells = [f"{value:.4f}" for value in numbers]
        coefficients = ["" if np.isnan(value) else f"{value:.4f}" for value in expression.tolist()]
        rows.append(",".join([str(number), *cells, face.visibility_from, *coefficients]))
    write_whole(path, ("\n".join(rows) + "\n").encode())
