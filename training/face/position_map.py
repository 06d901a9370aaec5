"""UV position maps: 256x256 images whose pixels are the 3D positions of a face's surface."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from edge_runtime.arrays import Float64Array, FloatArray, Int64Array, IntArray
from edge_runtime.atomic_file import whole_file
from training.errors import PositionMapError
from training.face.face_model import FaceModel
from training.face.surface_points import SurfacePoints

MAP_SIDE_TEXELS = 256
# Sweeps of the correction that makes a map pass through its vertices and landmarks.
CORRECTION_SWEEPS = 12
# Overrelaxation: a sweep's matrix has no eigenvalue above 1, so any factor below 2 converges.
CORRECTION_STEP = 1.8


def uv_to_texel(uv: FloatArray, side_texels: int = MAP_SIDE_TEXELS) -> FloatArray:
    """UV (..., 2), v up, to texel coordinates (column, row), row 0 at the top.

    The convention of face3d (`process_uv`): u and v in [0, 1] reach texel centres 0..side-1.
    """
    last = side_texels - 1
    return np.asarray(
        np.stack([uv[..., 0] * last, (1 - uv[..., 1]) * last], axis=-1).astype(np.float32)
    )


def sampling_matrix(uv: FloatArray, side_texels: int = MAP_SIDE_TEXELS) -> sparse.csr_matrix:
    """Bilinear sampling at uv (N, 2) as a sparse (N, side*side) matrix over flattened texels."""
    texel = np.clip(uv_to_texel(uv.astype(np.float64), side_texels), 0, side_texels - 1.001)
    corner = np.floor(texel).astype(np.int64)
    fraction = texel - corner
    rows, columns, weights = [], [], []
    for down in (0, 1):
        for right in (0, 1):
            weight_x = fraction[:, 0] if right else 1 - fraction[:, 0]
            weight_y = fraction[:, 1] if down else 1 - fraction[:, 1]
            rows.append(np.arange(len(uv)))
            columns.append((corner[:, 1] + down) * side_texels + corner[:, 0] + right)
            weights.append(weight_x * weight_y)
    entries = (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(entries, shape=(len(uv), side_texels**2), dtype=np.float32)


def sample_position_map(position_map: FloatArray, uv: FloatArray) -> FloatArray:
    """Positions (N, 3) of a map (side, side, 3) at uv (N, 2), bilinear."""
    side = position_map.shape[0]
    return np.asarray(sampling_matrix(uv, side) @ position_map.reshape(side * side, -1))


@dataclass(frozen=True)
class PositionMapRenderer:
    """Renders vertices (V, 3) into position maps (256, 256, 3).

    Which triangle a texel lies in depends on UV alone, so the whole rendering is one sparse matrix
    per face model. Texels outside every triangle (eyes, mouth, border) continue the plane of the
    nearest triangle, so that a sample at the rim of an eye never mixes with emptiness.
    """

    barycentric: sparse.csr_matrix  # (side*side, V): texels from vertices
    anchors: sparse.csr_matrix  # (V + 68, V): vertices and landmarks from vertices
    at_anchors: sparse.csr_matrix  # (V + 68, side*side): bilinear sampling at their UV
    spread: sparse.csr_matrix  # (side*side, V + 68): carries an error back to its texels
    side_texels: int

    @classmethod
    def build(cls, model: FaceModel, side_texels: int = MAP_SIDE_TEXELS) -> PositionMapRenderer:
        """Rasterise the model's UV mesh once; about a second."""
        corners = uv_to_texel(model.map_uv, side_texels).astype(np.float64)[model.triangles]
        owner = triangle_of_texels(model.map_uv, model.triangles, side_texels).ravel()
        owner = _nearest_triangle(owner, corners, side_texels)
        texels = np.stack(np.meshgrid(np.arange(side_texels), np.arange(side_texels)), axis=-1)
        weights = barycentric_weights(corners[owner], texels.reshape(-1, 2))
        # Sorted: sums keep the order, and labels the last bit, of datasets that are built already.
        points = SurfacePoints(model.triangles[owner], weights.astype(np.float32))
        barycentric = points.matrix(len(model.uv)).sorted_indices()
        landmarks = model.landmark68_points.matrix(len(model.uv)).sorted_indices()
        anchors = sparse.vstack([sparse.identity(len(model.uv), dtype=np.float32), landmarks])
        at_anchors = sampling_matrix(
            np.concatenate([model.map_uv, model.landmark68_uv]), side_texels
        )
        texel_load = np.asarray(at_anchors.sum(axis=0)).ravel()
        spread = sparse.diags(1 / np.maximum(texel_load, 1.0)) @ at_anchors.T
        return cls(
            barycentric, anchors.tocsr(), at_anchors, spread.tocsr().astype(np.float32), side_texels
        )

    def render(
        self,
        vertices: FloatArray,
        sweeps: int = CORRECTION_SWEEPS,
        step: float = CORRECTION_STEP,
    ) -> FloatArray:
        """Position map (side, side, 3) of vertices (V, 3), in the vertices' unit.

        A bilinear texture cannot follow every edge of the mesh; the sweeps move the error to where
        no vertex is, so that sampling at the UV of a vertex or a landmark gives it back.
        """
        texels = self.barycentric @ vertices
        targets = self.anchors @ vertices
        for _ in range(sweeps):
            texels += self.spread @ (np.float32(step) * (targets - self.at_anchors @ texels))
        return np.asarray(texels.reshape(self.side_texels, self.side_texels, 3))

    def sampler(self, uv: FloatArray) -> sparse.csr_matrix:
        """`render` and then sampling at uv (N, 2), as one sparse (N, V) matrix.

        Both are linear in the vertices, so for many faces the map need not be made.
        """
        onto_texels = sampling_matrix(uv, self.side_texels)
        onto_vertices = sparse.csr_matrix((len(uv), self.anchors.shape[1]), dtype=np.float32)
        # The last sweep is undone first.
        for _ in range(CORRECTION_SWEEPS):
            onto_anchors = np.float32(CORRECTION_STEP) * (onto_texels @ self.spread)
            onto_vertices += onto_anchors @ self.anchors
            onto_texels -= onto_anchors @ self.at_anchors
        return (onto_vertices + onto_texels @ self.barycentric).tocsr()


def triangle_of_texels(uv: FloatArray, triangles: IntArray, side_texels: int) -> Int64Array:
    """Index of the triangle (T, 3) that holds each texel centre: (side, side), -1 outside all."""
    corners = uv_to_texel(uv, side_texels).astype(np.float64)[triangles]
    owner = np.full((side_texels, side_texels), -1, dtype=np.int64)
    lowest = np.maximum(np.ceil(corners.min(axis=1) - 1e-6).astype(int), 0)
    highest = np.minimum(np.floor(corners.max(axis=1) + 1e-6).astype(int), side_texels - 1)
    for index, (low, high) in enumerate(zip(lowest, highest)):
        if (high < low).any():
            continue
        columns, rows = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
        texels = np.stack([columns.ravel(), rows.ravel()], axis=-1)
        triangle = np.broadcast_to(corners[index], (len(texels), 3, 2))
        inside = (barycentric_weights(triangle, texels) >= -1e-6).all(axis=1)
        owner[texels[inside, 1], texels[inside, 0]] = index
    return owner


def _nearest_triangle(owner: Int64Array, corners: Float64Array, side_texels: int) -> Int64Array:
    """Fill the -1 entries of owner (side*side,) with the triangle of the nearest centroid."""
    outside = np.flatnonzero(owner < 0)
    texels = np.stack([outside % side_texels, outside // side_texels], axis=-1)
    filled = owner.copy()
    filled[outside] = cKDTree(corners.mean(axis=1)).query(texels)[1]
    return filled


def barycentric_weights(triangles: Float64Array, points: Float64Array) -> Float64Array:
    """Barycentric weights (N, 3) of points (N, 2) in triangles (N, 3, 2)."""
    edge_b, edge_c = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    offset = points - triangles[:, 0]
    area = edge_b[:, 0] * edge_c[:, 1] - edge_b[:, 1] * edge_c[:, 0]
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    weight_b = (offset[:, 0] * edge_c[:, 1] - offset[:, 1] * edge_c[:, 0]) / area
    weight_c = (edge_b[:, 0] * offset[:, 1] - edge_b[:, 1] * offset[:, 0]) / area
    return np.stack([1 - weight_b - weight_c, weight_b, weight_c], axis=-1)


def write_prnet_map(path: Path, position_map: FloatArray) -> None:
    """Write a map (side, side, 3) as the `.npy` of face3d and PRNet: z toward the viewer, from 0.

    Input z points away from the viewer (this project's convention).
    """
    stored = position_map.astype(np.float32).copy()
    stored[..., 2] = stored[..., 2].max() - stored[..., 2]
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.save(file, stored)


def read_prnet_map(path: Path) -> FloatArray:
    """Read a face3d/PRNet `.npy` as (side, side, 3), z turned to point away from the viewer.

    The depth origin of such a file is arbitrary; callers subtract the mean of their points. Raises
    PositionMapError.
    """
    try:
        stored = np.load(path)
    except (OSError, ValueError, EOFError) as error:
        raise PositionMapError(f"{path}: not a readable .npy position map ({error}).") from error
    if not isinstance(stored, np.ndarray) or stored.dtype.kind not in "fiu":
        raise PositionMapError(f"{path}: holds no array of numbers, so it is no position map.")
    if stored.ndim != 3 or stored.shape[2] != 3 or stored.shape[0] != stored.shape[1]:
        raise PositionMapError(
            f"{path}: expected a square (side, side, 3) map, got {stored.shape}."
        )
    if not np.isfinite(stored).all():
        raise PositionMapError(f"{path}: holds positions that are not finite numbers.")
    position_map = stored.astype(np.float32)
    position_map[..., 2] *= -1
    return position_map
