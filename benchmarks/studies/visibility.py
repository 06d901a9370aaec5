"""`python -m benchmarks.studies.visibility DATA`: visibility by the skin, and the truth.

DATA holds `face_model.npz`, `faces.zip` and `fits.npz`. The truth is what the whole mesh of a
fitted head hides, depth-buffered; against it stands what the runtime takes from 520 landmarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.studies.study import fitted_photos, print_study
from edge_runtime.arrays import BoolArray, FloatArray, IntArray
from edge_runtime.face_landmarks import skin_visibility
from edge_runtime.layout import Layout, layout520
from training.evaluation.roc import roc_auc
from training.face.face_model import FaceModel
from training.face.position_map import PositionMapRenderer
from training.fitting.fitted_photos import landmark_warp
from training.sources.head_surface import HeadSurface
from training.sources.mesh_raster import rasterise

# A landmark further than this behind the surface that its pixel shows is hidden. Lids and lips are
# about that thick, and their landmarks lie on the rim.
HIDDEN_BEHIND_MM = 2.0
DEPTH_SIDE_PX = 600  # of a head: 0.4 mm a pixel
FACES_PER_15_DEG = 10  # of either side


@dataclass(frozen=True, eq=False)
class VisibilityOfYaw:
    """Landmarks (L,) of faces in 15 degrees of |yaw|: seen in truth, by the runtime, its cosine."""

    low_deg: int
    truth: BoolArray
    predicted: BoolArray
    cosine: FloatArray

    @property
    def agreement(self) -> float:
        return float((self.predicted == self.truth).mean())

    @property
    def wrongly_seen(self) -> float:
        """Share of the landmarks that are hidden and yet taken to be seen."""
        return float((self.predicted & ~self.truth).mean())

    @property
    def roc_auc(self) -> float:
        """How well the cosine alone tells seen from hidden ones."""
        return roc_auc(self.cosine[self.truth], self.cosine[~self.truth])


def measure(data: Path) -> list[VisibilityOfYaw]:
    """From 0 to 90 degrees. Raises Face520Error."""
    photos, face = fitted_photos(data)
    head = FaceModel.load(data / "face_model.npz", whole_head=True)
    layout, triangles, warp = layout520(), HeadSurface.of(head).triangles, landmark_warp(head)
    sampler = PositionMapRenderer.build(face).sampler(layout.uv)
    rng = np.random.default_rng(0)
    by_yaw = []
    for low in range(0, 90, 15):
        found = []
        for side in (-1, 1):
            turned = side * photos.yaw_deg
            chosen = np.flatnonzero((turned >= low) & (turned < low + 15))
            for index in rng.choice(chosen, FACES_PER_15_DEG, replace=False).tolist():
                vertices = photos.warped_vertices(head, warp, [index])[0]
                points = sampler @ vertices[: len(face.neutral)]
                px_per_mm = float(photos.pose.scale[index]) / 10
                truth = true_visibility(points, vertices, triangles, px_per_mm)
                found.append((truth, skin_visibility(points) > 0.5, facing(points, layout)))
        by_yaw.append(VisibilityOfYaw(low, *(np.concatenate(column) for column in zip(*found))))
    return by_yaw


def true_visibility(
    points: FloatArray, vertices: FloatArray, triangles: IntArray, px_per_mm: float
) -> BoolArray:
    """Which points (N, 3) on a mesh, in px, nothing else of the mesh hides: (N,)."""
    corner = vertices[:, :2].min(axis=0)
    zoom = np.float32((DEPTH_SIDE_PX - 4) / np.ptp(vertices[:, :2], axis=0).max())
    offset = np.array([*(2 - corner * zoom), 0], np.float32)
    depth = rasterise(vertices * zoom + offset, triangles, DEPTH_SIDE_PX).depth_picture()
    x, y, z = (points * zoom + offset).T
    surface = depth[np.round(y).astype(int), np.round(x).astype(int)]
    return np.asarray(z - surface < HIDDEN_BEHIND_MM * px_per_mm * zoom)


def facing(points: FloatArray, layout: Layout) -> FloatArray:
    """Cosine (N,) between a landmark's normal and the view: what visibility takes the sign of."""
    a, b, c = (points[corner] for corner in layout.triangles.T)
    normals = np.zeros_like(points)
    for corner in layout.triangles.T:
        np.add.at(normals, corner, np.cross(b - a, c - a))
    return np.asarray(-normals[:, 2] / np.maximum(np.linalg.norm(normals, axis=1), 1e-9))


def lines(data: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    by_yaw = measure(data)
    for one in by_yaw:
        yield (
            f"yaw {one.low_deg}-{one.low_deg + 15}: agreement {one.agreement:.3f}, hidden but "
            f"taken to be seen {one.wrongly_seen:.3f}, ROC-AUC of the cosine {one.roc_auc:.3f}"
        )
    yield f"mean agreement {np.mean([one.agreement for one in by_yaw]):.3f}"


if __name__ == "__main__":
    print_study("benchmarks.studies.visibility DATA", lines)
