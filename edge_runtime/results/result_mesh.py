"""Meshes for 3D programs: OBJ that wears the photo, and PLY with a colour per landmark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.atomic_file import write_whole
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.image_file import write_jpeg
from edge_runtime.layout import layout520

# From the image's frame (y down, z away) to the one of 3D programs (y up, z toward the viewer).
UPRIGHT = np.array([1, -1, -1], np.float32)


def write_textured_obj(path: Path, faces: Sequence[FaceLandmarks], image: Uint8Image) -> list[Path]:
    """STEM.obj, STEM.mtl and STEM_texture.jpg, the RGB photo (H, W, 3); returns them.

    One object per face; y up, z toward the viewer, unit px. The OBJ comes last, so that where it
    is, the others are. Raises OutputWriteError.
    """
    texture = path.with_name(f"{path.stem}_texture.jpg")
    material = path.with_suffix(".mtl")
    write_jpeg(texture, image)
    write_whole(material, f"newmtl photo\nKd 1 1 1\nmap_Kd {texture.name}\n".encode())
    layout = layout520()
    rows = [
        f"# face520 landmarks, layout {layout.reference}; y up, z toward the viewer, unit px",
        f"mtllib {material.name}",
    ]
    height, width = image.shape[:2]
    for number, face in enumerate(faces):
        rows.append(f"o face{number}")
        rows += [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in (face.points * UPRIGHT).tolist()]
        # Texture coordinates count from the picture's left lower corner, not from pixel centres.
        uv = (face.points[:, :2] + 0.5) / (width, height)
        rows += [f"vt {u:.6f} {1 - v:.6f}" for u, v in uv.tolist()]
        rows.append("usemtl photo")
        corners = layout.triangles + 1 + number * len(layout)
        rows += [f"f {a}/{a} {b}/{b} {c}/{c}" for a, b, c in corners.tolist()]
    write_whole(path, ("\n".join(rows) + "\n").encode())
    return [path, material, texture]


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
