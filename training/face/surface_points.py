"""Points of a mesh's surface, each inside one of its triangles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from edge_runtime.arrays import FloatArray, IntArray


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
