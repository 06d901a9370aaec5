"""Wavefront OBJ meshes that wear the photo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge_runtime.arrays import Uint8Image
from edge_runtime.atomic_file import write_whole
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.image_writer import write_jpeg
from edge_runtime.layout import layout520
from edge_runtime.results.result_csv import UPRIGHT


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
