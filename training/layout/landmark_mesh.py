"""Joins the keypoints into a triangle mesh, open at the eyes and the mouth."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.spatial import Delaunay

from edge_runtime.arrays import Float64Array, FloatArray, IntArray
from training import ibug68

Edge = tuple[int, int]
Triangle = tuple[int, int, int]

OPENINGS = ("right_eye", "left_eye", "inner_lips")
# A longer edge would span the air between a temple and the jaw.
LONGEST_EDGE_CM = 4.5
# Flips settle after a few hundred; the limit only keeps a tie from swinging for ever.
MOST_FLIPS = 20_000


def triangulate(uv: FloatArray, points_cm: FloatArray) -> IntArray:
    """Triangles (T, 3) of keypoints with uv (N, 2) and places on the neutral face (N, 3).

    UV gives the topology; edges are then flipped until, on the face itself, no triangle is
    needlessly thin. Corners run counter-clockwise in UV, so the outside faces the viewer.
    """
    triangles = Delaunay(uv).simplices.astype(np.int32)
    for opening in OPENINGS:
        inside = np.isin(triangles, ibug68.GROUPS[opening]).all(axis=1)
        triangles = triangles[~inside]
    corner_uv = uv[triangles]
    edge_b, edge_c = corner_uv[:, 1] - corner_uv[:, 0], corner_uv[:, 2] - corner_uv[:, 0]
    clockwise = edge_b[:, 0] * edge_c[:, 1] < edge_b[:, 1] * edge_c[:, 0]
    triangles[clockwise] = triangles[clockwise][:, ::-1]
    triangles = _flip_to_delaunay(triangles, points_cm.astype(np.float64))
    corners = points_cm[triangles]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1).max(axis=1)
    triangles = triangles[longest < LONGEST_EDGE_CM]
    triangles = np.array([np.roll(t, -int(np.argmin(t))) for t in triangles], np.int32)
    return np.asarray(triangles[np.lexsort(triangles.T[::-1])])


def _flip_to_delaunay(triangles: IntArray, points: Float64Array) -> IntArray:
    """Flip inner edges whose two opposite angles add to more than 180 degrees, until none is left.

    The intrinsic Delaunay criterion (Bobenko and Springborn, arXiv:math/0503219); the contours of
    iBUG groups are kept as they are drawn.
    """
    faces: set[Triangle] = {(int(a), int(b), int(c)) for a, b, c in triangles}
    opposite: dict[Edge, int] = {}
    for face in faces:
        _register(opposite, face)
    kept = _contour_edges()
    waiting = sorted({_sorted_edge(edge) for edge in opposite})
    for _ in range(MOST_FLIPS):
        if not waiting:
            break
        a, b = waiting.pop()
        c, d = opposite.get((a, b)), opposite.get((b, a))
        if c is None or d is None or (a, b) in kept or (c, d) in opposite or (d, c) in opposite:
            continue
        if _angle(points, c, a, b) + _angle(points, d, a, b) <= np.pi + 1e-9:
            continue
        for old in ((a, b, c), (b, a, d)):
            faces -= {old, (old[1], old[2], old[0]), (old[2], old[0], old[1])}
        del opposite[a, b], opposite[b, a]
        for new in ((c, d, b), (d, c, a)):
            faces.add(new)
            _register(opposite, new)
        waiting += [_sorted_edge(edge) for edge in ((a, c), (c, b), (b, d), (d, a))]
    return np.array(sorted(faces), np.int32)


def _register(opposite: dict[Edge, int], face: Triangle) -> None:
    a, b, c = face
    opposite[a, b], opposite[b, c], opposite[c, a] = c, a, b


def _sorted_edge(edge: Edge) -> Edge:
    return (min(edge), max(edge))


def _contour_edges() -> set[Edge]:
    edges = set()
    for contour in ibug68.CONTOURS:
        line = contour.indices + contour.indices[:1] * contour.closed
        edges |= {_sorted_edge((a, b)) for a, b in pairwise(line)}
    return edges


def _angle(points: Float64Array, at: int, one: int, other: int) -> float:
    """Angle at a corner between two others, in radians."""
    u, v = points[one] - points[at], points[other] - points[at]
    return float(np.arctan2(np.linalg.norm(np.cross(u, v)), u @ v))
