"""Which landmarks the camera sees: what the fitted mesh hides, and what people said is covered."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial import cKDTree

from edge_runtime.arrays import BoolArray, FloatArray, Int64Array, IntArray, Uint8Array
from edge_runtime.layout import IBUG68_COUNT
from training.dataset.records import COVERED, NO_WORD, SEEN, unknown
from training.face.face_model import FaceModel
from training.sources.head_surface import HeadSurface
from training.sources.head_turner import extent
from training.sources.mesh_raster import MeshRaster, rasterise

# A landmark further than this behind the surface that its pixel shows is hidden. Lids and lips are
# about that thick, and their landmarks lie on the rim.
HIDDEN_BEHIND_CM = 0.2
DEPTH_SIDE_PX = 320  # of the head's picture: 0.8 mm a pixel
# Nearest of the 68, weighted by 1 / distance. All skin asks them, the forehead the brows: were far
# skin known only where it is hidden, a network would learn that far skin is always hidden.
WORDS_ASKED = 3


@dataclass(frozen=True, eq=False)
class PeoplesWord:
    """Carries what people said of the 68 over the surface to the landmarks around them."""

    nearest: Int64Array  # (N, WORDS_ASKED) of the 68
    weight: FloatArray  # (N, WORDS_ASKED)

    @classmethod
    def on(cls, neutral_points: FloatArray) -> PeoplesWord:
        """For landmarks (N, 3) of the neutral face in cm, the 68 first."""
        tree = cKDTree(neutral_points[:IBUG68_COUNT])
        distance_cm, nearest = tree.query(neutral_points, k=WORDS_ASKED)
        return cls(nearest, (1 / np.maximum(distance_cm, 1e-3)).astype(np.float32))

    def visibility(self, hidden: BoolArray, occlusion68: Uint8Array) -> FloatArray:
        """1 seen, 0 not, NaN unknown (N,), from what the mesh hides (N,) and people's word (68,).

        On the 68 people's word stands above the mesh. Around them, skin that the mesh shows is
        covered where most of the seen or covered ones near it are. A face of which nobody said what
        he saw is unknown as a whole: what the mesh hides is then known only where it is hidden, and
        would teach that it always is.
        """
        if not _spoken_of(occlusion68).any():
            return unknown(len(hidden))
        near = occlusion68[self.nearest]
        weight = self.weight * _spoken_of(near)
        total = weight.sum(axis=1)
        covered = (weight * (near == COVERED)).sum(axis=1)
        with np.errstate(invalid="ignore"):
            visible = np.where(total > 0, (covered / total < 0.5).astype(np.float32), np.nan)
        visible[hidden] = 0
        judged = occlusion68 != NO_WORD
        visible[:IBUG68_COUNT][judged] = occlusion68[judged] == SEEN
        return visible.astype(np.float32)


@dataclass(frozen=True, eq=False)
class VisibilityLabels:
    """Says of the landmarks of fitted heads which ones the camera sees."""

    triangles: IntArray  # (T, 3) of the closed head
    neutral_extent_cm: float
    word: PeoplesWord

    @classmethod
    def of(cls, head: FaceModel, neutral_points: FloatArray) -> VisibilityLabels:
        """For a face model loaded with its whole head, and landmarks (N, 3) of its neutral face."""
        surface = HeadSurface.of(head)
        return cls(surface.triangles, extent(head.neutral), PeoplesWord.on(neutral_points))

    def in_photo(
        self, points: FloatArray, vertices: FloatArray, occlusion68: Uint8Array
    ) -> FloatArray:
        """Visibility (N,) of landmarks (N, 3) on the head with vertices (V, 3), both in px."""
        return self.word.visibility(self._hidden(points, vertices), occlusion68)

    def in_turned_photo(
        self,
        points: FloatArray,
        vertices: FloatArray,
        raster: MeshRaster,
        occlusion68: Uint8Array,
    ) -> FloatArray:
        """The same after the head was turned; people's word (68,) is on the photo before.

        What they saw may be hidden now, and of what was hidden then they said nothing. The 68 are
        unknown: nobody looked at them as they lie now, and the mesh is no stand-in. In held-out
        photos it hides 64 % of those that people call hidden by the face, and 7 % of those that
        they see, most of them on the jaw (benchmarks/studies/labels/hidden.py).
        """
        tolerance_px = HIDDEN_BEHIND_CM * extent(vertices) / self.neutral_extent_cm
        hidden = _behind(raster.depth_picture(), points, tolerance_px)
        visible = self.word.visibility(hidden, occlusion68)
        visible[:IBUG68_COUNT] = np.nan
        return visible

    def _hidden(self, points: FloatArray, vertices: FloatArray) -> BoolArray:
        px_per_cm = extent(vertices) / self.neutral_extent_cm
        return hidden_by_mesh(points, vertices, self.triangles, px_per_cm)


def _spoken_of(occlusion68: Uint8Array) -> BoolArray:
    """Where people said that they see the skin, or what covers it."""
    return np.isin(occlusion68, (SEEN, COVERED))


def hidden_by_mesh(
    points: FloatArray, vertices: FloatArray, triangles: IntArray, px_per_cm: float
) -> BoolArray:
    """Which points (N, 3) on a mesh of vertices (V, 3), in px, another part of it hides: (N,)."""
    corner = vertices[:, :2].min(axis=0)
    zoom = np.float32((DEPTH_SIDE_PX - 4) / np.ptp(vertices[:, :2], axis=0).max())
    offset = np.array([*(2 - corner * zoom), 0], np.float32)
    depth = rasterise(vertices * zoom + offset, triangles, DEPTH_SIDE_PX).depth_picture()
    return _behind(depth, points * zoom + offset, float(HIDDEN_BEHIND_CM * px_per_cm * zoom))


def _behind(depth: FloatArray, points: FloatArray, tolerance_px: float) -> BoolArray:
    """Which points (N, 3) lie further than this behind the surface of a picture (side, side)."""
    # The farthest around: where skin is seen edge-on, its own pixel may be much nearer than it.
    farthest = np.asarray(cv2.dilate(depth, np.ones((3, 3), np.uint8)), np.float32)
    x, y, z = points.T
    column, row = (np.clip(np.rint(one).astype(int), 0, len(depth) - 1) for one in (x, y))
    hidden: BoolArray = z - farthest[row, column] > tolerance_px
    return hidden
