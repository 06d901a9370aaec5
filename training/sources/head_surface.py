"""The closed, mirror-symmetric surface of a whole head: what a turned photo is painted on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

from edge_runtime.arrays import BoolArray, FloatArray, Int64Array, IntArray
from training.face.face_model import FaceModel

CHIN = 8  # of the 68 landmarks
# The neck is cut this far below the chin: further down are shoulders, which do not turn along.
NECK_CM = 5.0


@dataclass(frozen=True, eq=False)
class HeadSurface:
    """Triangles of head and neck with eyes and mouth closed, and which vertex mirrors which."""

    triangles: IntArray  # (T, 3)
    mirror: Int64Array  # (V,) the vertex on the other side of the face
    in_mask: BoolArray  # (V,) in front of the ears
    used: Int64Array  # the vertices that have a triangle
    _corner_sum: sparse.csr_matrix  # (V, T): adds what triangles have up at their corners
    _neighbour_mean: sparse.csr_matrix  # (V, V): over a vertex and those that it is joined to

    @classmethod
    def of(cls, head: FaceModel) -> HeadSurface:
        """The surface of a face model, loaded with its whole head; a second."""
        triangles = np.concatenate([head.triangles, _hole_triangles(head)]).astype(np.int32)
        height_cm = head.neutral[:, 1] - head.landmarks68(head.neutral)[CHIN, 1]
        triangles = triangles[(height_cm[triangles] > -NECK_CM).all(axis=1)]
        count = len(head.neutral)
        rows, columns = triangles.T.ravel(), np.tile(np.arange(len(triangles)), 3)
        ones = np.ones(len(rows), np.float32)
        corner_sum = sparse.csr_matrix((ones, (rows, columns)), (count, len(triangles)))
        joined = corner_sum @ corner_sum.T
        joined.data[:] = 1
        mean = sparse.diags(1 / np.maximum(np.asarray(joined.sum(axis=1)).ravel(), 1)) @ joined
        mirrored = head.neutral * np.array([-1, 1, 1], np.float32)
        return cls(
            triangles=triangles,
            mirror=cKDTree(head.neutral).query(mirrored)[1],
            in_mask=np.arange(count) < head.mask_vertex_count,
            used=np.unique(triangles),
            _corner_sum=corner_sum,
            _neighbour_mean=mean.tocsr().astype(np.float32),
        )

    def facing(self, vertices: FloatArray) -> FloatArray:
        """Cosine (V,) between the normals of vertices (V, 3) in px and the direction to the viewer.

        1 faces the viewer, 0 is seen edge-on, below 0 turned away.
        """
        corners = self.triangles.T.astype(np.intp, order="C")
        x, y, z = (np.ascontiguousarray(axis).take(corners) for axis in vertices.T)
        (x_b, x_c), (y_b, y_c), (z_b, z_c) = x[1:] - x[0], y[1:] - y[0], z[1:] - z[0]
        crossed = (y_b * z_c - z_b * y_c, z_b * x_c - x_b * z_c, x_b * y_c - y_b * x_c)
        normals = self._corner_sum @ np.stack(crossed, axis=-1)
        # With z away from the viewer, the normal of what faces the viewer has a negative z.
        length = np.sqrt((normals * normals).sum(axis=1))
        return np.asarray(-normals[:, 2] / np.maximum(length, 1e-12))

    def smoothed(self, per_vertex: FloatArray) -> FloatArray:
        """Values (V,) averaged with those of the neighbours, twice."""
        return np.asarray(self._neighbour_mean @ (self._neighbour_mean @ per_vertex))


def _hole_triangles(head: FaceModel) -> IntArray:
    """Triangles (N, 3) that close the eyes and the mouth, in the orientation of the others.

    A hole is triangulated in UV, where it is open even when lids and lips are shut.
    """
    triangles = []
    for rim in _inner_rims(head):
        places = head.uv[rim].astype(np.float32)
        simplices = Delaunay(places).simplices
        middles = places[simplices].mean(axis=1)
        inside = [cv2.pointPolygonTest(places, middle.tolist(), False) > 0 for middle in middles]
        chosen = simplices[inside]
        edge_b, edge_c = (places[chosen[:, k]] - places[chosen[:, 0]] for k in (1, 2))
        clockwise = edge_b[:, 0] * edge_c[:, 1] < edge_b[:, 1] * edge_c[:, 0]
        chosen[clockwise] = chosen[clockwise][:, ::-1]
        triangles.append(np.asarray(rim)[chosen])
    return np.asarray(np.concatenate([np.empty((0, 3), np.int32), *triangles]).astype(np.int32))


def _inner_rims(head: FaceModel) -> list[list[int]]:
    """Vertices around each hole in walking order; the longest rim, where the head ends, is none."""
    directed = np.concatenate([head.triangles[:, [k, (k + 1) % 3]] for k in range(3)])
    forward = {(int(a), int(b)) for a, b in directed}
    following = {a: b for b, a in forward if (a, b) not in forward}
    border = np.array(sorted(following.items()))
    count = len(head.neutral)
    edges = sparse.coo_matrix((np.ones(len(border)), border.T), (count, count))
    label = connected_components(edges, directed=False)[1][border[:, 0]]
    rims = []
    for one in np.unique(label):
        start = int(border[label == one][0, 0])
        rim = [start]
        while (step := following[rim[-1]]) != start:
            rim.append(step)
        rims.append(rim)
    extent = [float(np.ptp(head.neutral[rim], axis=0).sum()) for rim in rims]
    return [rim for rim, size in zip(rims, extent) if size < max(extent)]
