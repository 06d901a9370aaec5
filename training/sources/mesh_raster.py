"""Rasterises a triangle mesh of small triangles: which one each pixel of a picture shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_runtime.arrays import FloatArray, Int64Array, IntArray
from training.face.surface_points import SurfacePoints

# Slack of the inside test, so that rounding opens no gap along a shared edge.
EDGE_SLACK = np.float32(1e-4)
# Double area below which a triangle is seen edge-on.
THINNEST_PX2 = 1e-6
# Slope of a weight along a row that counts as none.
FLATTEST, INFINITE = np.float32(1e-9), np.float32(1e9)


@dataclass(frozen=True, eq=False)
class MeshRaster:
    """The front surface of a mesh, pixel by pixel; n pixels of a (side, side) picture show it."""

    side_px: int
    pixels: Int64Array  # (n,) row * side_px + column
    corners: IntArray  # (n, 3) vertices of the triangle that each pixel shows
    weights: FloatArray  # (n, 3) barycentric weights of the pixel's centre
    depth: FloatArray  # (n,) z, growing away from the viewer

    def interpolate(self, per_vertex: FloatArray) -> FloatArray:
        """A per-vertex quantity (V, D) at each shown pixel: (n, D)."""
        return np.asarray(
            SurfacePoints(self.corners, self.weights).matrix(len(per_vertex)) @ per_vertex
        )

    def pictures(self, at_pixels: FloatArray) -> FloatArray:
        """Values (n, D) of the shown pixels as pictures (D, side, side), 0 elsewhere."""
        pictures = np.zeros((at_pixels.shape[1], self.side_px**2), np.float32)
        pictures[:, self.pixels] = at_pixels.T
        return pictures.reshape(-1, self.side_px, self.side_px)

    def depth_picture(self) -> FloatArray:
        """Depth (side, side); infinite where no surface is."""
        picture = np.full(self.side_px**2, np.inf, np.float32)
        picture[self.pixels] = self.depth
        return picture.reshape(self.side_px, self.side_px)


def rasterise(vertices: FloatArray, triangles: IntArray, side_px: int) -> MeshRaster:
    """Draw vertices (V, 3) in px, x right, y down, z away from the viewer, with a depth buffer.

    Only triangles (T, 3) whose corners run counter-clockwise as seen are drawn; a pixel belongs to
    a triangle that holds its centre. All triangles are cut into rows at once and all rows into
    pixels, so the time depends little on how small they are.
    """
    corners = triangles.T.astype(np.intp, order="C")
    corner_x, corner_y, corner_z = (
        np.ascontiguousarray(axis, np.float32).take(corners) for axis in vertices.T
    )
    left, right_end = _whole_pixels(corner_x, side_px)
    top, bottom = _whole_pixels(corner_y, side_px)
    # Double area; y points down, so that of a counter-clockwise triangle is negative.
    area = _edge(corner_y, 0) * _edge(corner_x, 2) - _edge(corner_x, 0) * _edge(corner_y, 2)
    drawn = np.flatnonzero((area < -THINNEST_PX2) & (left <= right_end) & (top <= bottom))
    corner_x, corner_y = corner_x.take(drawn, axis=1), corner_y.take(drawn, axis=1)

    # The weight of a corner is linear in the pixel: 1 at the corner, 0 along the edge opposite.
    inverse = 1 / area.take(drawn)
    right = np.stack([-_edge(corner_y, corner) * inverse for corner in (1, 2, 0)])
    down = np.stack([_edge(corner_x, corner) * inverse for corner in (1, 2, 0)])
    top = top.take(drawn)
    at_top = 1 - right * corner_x + down * (top - corner_y)

    in_drawn, row = _expanded(bottom.take(drawn) - top + 1)
    weights = at_top.take(in_drawn, axis=1) + down.take(in_drawn, axis=1) * row
    first, last = _spans(weights, right.take(in_drawn, axis=1), side_px)
    in_rows, column = _expanded(np.maximum(last - first + 1, 0))
    column += first.take(in_rows)

    in_drawn = in_drawn.take(in_rows)
    weights = weights.take(in_rows, axis=1) + right.take(in_drawn, axis=1) * column
    owner = drawn.take(in_drawn)
    depth = (weights * corner_z.take(owner, axis=1)).sum(axis=0)
    pixel = (row.take(in_rows) + top.take(in_drawn)) * side_px + column
    # Far to near: of several values for one pixel the last assigned, the nearest, stays.
    far_to_near = np.argsort(-depth)
    nearest = np.full(side_px**2, -1, np.int32)
    nearest[pixel.take(far_to_near).astype(np.int64)] = far_to_near
    pixels = np.flatnonzero(nearest >= 0)
    shown = nearest[pixels]
    return MeshRaster(side_px, pixels, triangles[owner[shown]], weights[:, shown].T, depth[shown])


def _edge(corners: FloatArray, start: int) -> FloatArray:
    """From one of the corners (3, T) to the next, along one axis: (T,)."""
    return np.asarray(corners[(start + 1) % 3] - corners[start])


def _spans(weights: FloatArray, right: FloatArray, side_px: int) -> tuple[FloatArray, FloatArray]:
    """First and last column (R,) of rows where no weight + column * right, (3, R), is below 0."""
    slope = np.where(np.abs(right) < FLATTEST, FLATTEST, right)
    crossing = (-EDGE_SLACK - weights) / slope
    rising = slope > 0
    lowest = np.where(rising, crossing, -INFINITE).max(axis=0)
    highest = np.where(rising, INFINITE, crossing).min(axis=0)
    return np.maximum(np.ceil(lowest), 0), np.minimum(np.floor(highest), side_px - 1)


def _expanded(counts: FloatArray) -> tuple[Int64Array, FloatArray]:
    """Each index as often as its count says, and how many of it came before: both (sum,)."""
    whole = counts.astype(np.int64)
    index = np.repeat(np.arange(len(whole)), whole)
    before = np.cumsum(whole) - whole
    return index, (np.arange(len(index)) - before.take(index)).astype(np.float32)


def _whole_pixels(corners: FloatArray, side_px: int) -> tuple[FloatArray, FloatArray]:
    """First and last pixel (T,) between corners (3, T) along one axis, inside the picture."""
    lowest = np.minimum(np.minimum(corners[0], corners[1]), corners[2])
    highest = np.maximum(np.maximum(corners[0], corners[1]), corners[2])
    return np.maximum(np.ceil(lowest), 0), np.minimum(np.floor(highest), side_px - 1)
