"""Points of a mesh's surface, each inside one of its triangles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from edge_runtime.arrays import Float64Array, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """N points as triangle corners (N, 3) and barycentric weights (N, 3)."""

    corners: IntArray
    weights: FloatArray

    def __len__(self) -> int:
        return len(self.corners)

    def of(self, per_vertex: FloatArray) -> FloatArray:
        """Interpolate a per-vertex quantity (..., V, D) at the points: (..., N, D)."""
        return np.asarray(
            np.einsum("...ncd,nc->...nd", per_vertex[..., self.corners, :], self.weights)
        )

    def matrix(self, vertex_count: int) -> sparse.csr_matrix:
        """The same interpolation as a matrix (N, V), which is quicker for many points."""
        row_ends = np.arange(0, 3 * len(self) + 1, 3)
        entries = (self.weights.ravel(), self.corners.ravel(), row_ends)
        return sparse.csr_matrix(entries, (len(self), vertex_count), dtype=np.float32)

    def followed_by(self, others: SurfacePoints) -> SurfacePoints:
        """These points and then the others."""
        return SurfacePoints(
            np.concatenate([self.corners, others.corners]),
            np.concatenate([self.weights, others.weights]),
        )


def nearest_on_surface(
    surface: FloatArray, triangles: IntArray, targets: FloatArray
) -> tuple[SurfacePoints, Float64Array]:
    """Where on a surface K targets lie, seen many times: the points and their spread (K,).

    surface (P, V, D), targets (P, K, D): P views of both. Each target gets the point of the
    triangles (T, 3) whose distance to it, root mean square over the views, is smallest; that is the
    spread. It lies in a triangle around the vertex that is nearest in the same sense.
    """
    views = np.moveaxis(surface, 1, 0).reshape(surface.shape[1], -1)  # (V, P * D)
    aims = np.moveaxis(targets, 1, 0).reshape(targets.shape[1], -1)
    vertices = np.unique(triangles)
    cost = (views[vertices] ** 2).sum(axis=1)[:, None] - 2 * views[vertices] @ aims.T
    nearest = vertices[cost.argmin(axis=0)]
    corners = np.empty((len(aims), 3), np.int32)
    weights = np.empty((len(aims), 3), np.float32)
    spread = np.empty(len(aims))
    for index, vertex in enumerate(nearest):
        around = triangles[(triangles == vertex).any(axis=1)]
        choices = [_in_triangle(views[corner], aims[index]) for corner in around]
        best = int(np.argmin([square for _, square in choices]))
        corners[index], weights[index] = around[best], choices[best][0]
        spread[index] = np.sqrt(choices[best][1] / len(surface))
    return SurfacePoints(corners, weights), spread


def _in_triangle(
    corners: NDArray[np.floating[Any]], target: NDArray[np.floating[Any]]
) -> tuple[Float64Array, float]:
    """Barycentric weights (3,) of the point of a triangle (3, M) nearest to (M,), squared distance.

    The nearest point of the plane where that lies inside, else the nearest on an edge.
    """
    origin = corners[0].astype(np.float64)
    edges = corners[1:] - origin
    along = np.linalg.lstsq(edges @ edges.T, edges @ (target - origin), rcond=None)[0]
    candidates = [np.array([1 - along.sum(), *along])]
    if candidates[0].min() < 0:
        candidates = []
        for start, stop in ((0, 1), (1, 2), (2, 0)):
            edge = (corners[stop] - corners[start]).astype(np.float64)
            share = float(edge @ (target - corners[start])) / max(float(edge @ edge), 1e-12)
            weights = np.zeros(3)
            weights[start], weights[stop] = 1 - np.clip(share, 0, 1), np.clip(share, 0, 1)
            candidates.append(weights)
    squares = [float(((weights @ corners - target) ** 2).sum()) for weights in candidates]
    best = int(np.argmin(squares))
    return candidates[best], squares[best]
