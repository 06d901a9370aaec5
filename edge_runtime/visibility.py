"""Which landmarks the camera can see, judged by the direction in which their skin faces.

The answer for models without a visibility output, which knows more: see `face_landmarks.py`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from edge_runtime.arrays import BoolArray, FloatArray, Int64Array
from edge_runtime.layout import Layout, layout520


def skin_visibility(points: FloatArray, layout: Layout | None = None) -> FloatArray:
    """1 where the skin around a landmark faces the camera, else 0: (520,) from points (520, 3).

    layout: whose points these are; without one, the released models' layout.

    A landmark's normal is the sum of its triangles' normals, each as long as the triangle's area;
    only its z matters. Skin that faces the camera behind a nose or a hand still counts as seen.
    """
    corners, has_triangle = _corners(layout or layout520())
    a, b, c = points[corners[0], :2], points[corners[1], :2], points[corners[2], :2]
    side, other = b - a, c - a
    # z of the cross product; negative toward the camera, since z points away from it.
    normal_z = side[:, 0] * other[:, 1] - side[:, 1] * other[:, 0]
    summed = np.bincount(corners.reshape(-1), np.tile(normal_z, 3), minlength=len(points))
    return ((summed < 0) | ~has_triangle).astype(np.float32)


@cache
def _corners(layout: Layout) -> tuple[Int64Array, BoolArray]:
    """First, second and third corners of all triangles (3, T); landmarks that have one (520,)."""
    corners = np.ascontiguousarray(layout.triangles.T, dtype=np.int64)
    has_triangle = np.zeros(len(layout), dtype=bool)
    has_triangle[corners] = True
    return corners, has_triangle
