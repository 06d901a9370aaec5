"""Results for other programs: a table (CSV) and meshes (OBJ, PLY).

JSON and NPZ, which can be read back, are in result_json.py and result_npz.py; meshes with the photo
as texture in textured_obj.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.atomic_file import write_whole
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.layout import layout520

CSV_HEADER = "face,landmark,x_px,y_px,z_px,visibility"
# From the image's frame (y down, z away) to the one of 3D programs (y up, z toward the viewer).
UPRIGHT = np.array([1, -1, -1], np.float32)


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


def write_obj(path: Path, faces: Sequence[FaceLandmarks]) -> None:
    """Wavefront OBJ, one object per face; y up, z toward the viewer, unit px."""
    layout = layout520()
    rows = [f"# face520 landmarks, layout {layout.reference}; y up, z toward the viewer, unit px"]
    for number, face in enumerate(faces):
        rows.append(f"o face{number}")
        rows += [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in (face.points * UPRIGHT).tolist()]
        # OBJ counts vertices from 1 through the whole file.
        corners = layout.triangles + 1 + number * len(layout)
        rows += [f"f {a} {b} {c}" for a, b, c in corners.tolist()]
    write_whole(path, ("\n".join(rows) + "\n").encode())


def write_ply(path: Path, faces: Sequence[FaceLandmarks], image: Uint8Image | None = None) -> None:
    """Binary PLY of all faces; y up, z toward the viewer, unit px.

    image: the RGB photo (H, W, 3); each vertex then has the colour of its pixel.
    """
    layout = layout520()
    fields: list[tuple[str, str]] = [("x", "<f4"), ("y", "<f4"), ("z", "<f4")]
    colors = [] if image is None else ["red", "green", "blue"]
    vertices = np.zeros(len(faces) * len(layout), fields + [(name, "u1") for name in colors])
    corners = np.zeros(len(faces) * len(layout.triangles), [("count", "u1"), ("at", "<i4", 3)])
    corners["count"] = 3
    for number, face in enumerate(faces):
        ours = slice(number * len(layout), (number + 1) * len(layout))
        for axis, name in enumerate("xyz"):
            vertices[name][ours] = face.points[:, axis] * UPRIGHT[axis]
        if image is not None:
            limits = (image.shape[1] - 1, image.shape[0] - 1)
            column, row = np.clip(np.round(face.points[:, :2]).astype(int), 0, limits).T
            for channel, name in enumerate(colors):
                vertices[name][ours] = image[row, column, channel]
        count = len(layout.triangles)
        corners["at"][number * count : (number + 1) * count] = layout.triangles + ours.start
    header = "\n".join(
        [
            "ply",
            "format binary_little_endian 1.0",
            f"comment face520 landmarks, layout {layout.reference}",
            f"element vertex {len(vertices)}",
            *(f"property float {name}" for name in "xyz"),
            *(f"property uchar {name}" for name in colors),
            f"element face {len(corners)}",
            "property list uchar int vertex_indices",
            "end_header\n",
        ]
    )
    write_whole(path, header.encode() + vertices.tobytes() + corners.tobytes())
