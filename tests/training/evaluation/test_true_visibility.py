"""Visibility from 520 landmarks against what really hides them: the whole mesh, depth-buffered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from scipy.stats import rankdata

from edge_runtime.arrays import FloatArray, IntArray
from edge_runtime.face_landmarks import skin_visibility
from edge_runtime.layout import Layout, layout520, read_layout
from training.face.face_model import FaceModel
from training.face.position_map import PositionMapRenderer
from training.fitting.fitted_photos import FittedPhotos, landmark_warp
from training.sources.head_surface import HeadSurface
from training.sources.mesh_raster import rasterise

# A landmark further than this behind the surface that its pixel shows is hidden. Lids and lips are
# about that thick, and their landmarks lie on the rim.
HIDDEN_BEHIND_MM = 2.0
DEPTH_SIDE_PX = 600  # of a head: 0.4 mm a pixel
FACES_PER_15_DEG = 10


def true_visibility(
    points: FloatArray, vertices: FloatArray, triangles: IntArray, px_per_mm: float
) -> np.ndarray:
    """Which points (N, 3) on a mesh, in px, nothing else of the mesh hides: (N,) bool."""
    corner = vertices[:, :2].min(axis=0)
    zoom = np.float32((DEPTH_SIDE_PX - 4) / np.ptp(vertices[:, :2], axis=0).max())
    offset = np.array([*(2 - corner * zoom), 0], np.float32)
    depth = rasterise(vertices * zoom + offset, triangles, DEPTH_SIDE_PX).depth_picture()
    x, y, z = (points * zoom + offset).T
    surface = depth[np.round(y).astype(int), np.round(x).astype(int)]
    return z - surface < HIDDEN_BEHIND_MM * px_per_mm * zoom


def facing(points: FloatArray, layout: Layout) -> FloatArray:
    """Cosine (N,) between a landmark's normal and the view: what visibility takes the sign of."""
    a, b, c = (points[corner] for corner in layout.triangles.T)
    normals = np.zeros_like(points)
    for corner in layout.triangles.T:
        np.add.at(normals, corner, np.cross(b - a, c - a))
    return -normals[:, 2] / np.maximum(np.linalg.norm(normals, axis=1), 1e-9)


def roc_auc(scores: np.ndarray, truth: np.ndarray) -> float:
    rank, seen = rankdata(scores), int(truth.sum())
    return float((rank[truth].sum() - seen * (seen + 1) / 2) / (seen * (len(truth) - seen)))


def test_a_bent_sheet_hides_its_far_side(face_model_path: Path, layout_path: Path) -> None:
    model, layout = FaceModel.load(face_model_path), read_layout(layout_path)
    sampler = PositionMapRenderer.build(model).sampler(layout.uv)
    for yaw_deg in (-75, -40, 0, 40, 75):
        turn = Rotation.from_euler("y", yaw_deg, degrees=True).as_matrix()
        # 1 px is 1 mm: x to the right, y down, z away.
        vertices = (10 * model.neutral @ turn.T * (1, -1, -1)).astype(np.float32)
        points = sampler @ vertices
        truth = true_visibility(points, vertices, model.triangles, px_per_mm=1)
        assert (skin_visibility(points, layout) == truth).mean() > 0.9, yaw_deg
        assert truth.all() == (yaw_deg == 0)


@pytest.mark.slow
def test_real_faces_agree_at_every_yaw(real_data: Path) -> None:
    """Prints agreement and ROC-AUC by yaw; `pytest -s` shows them."""
    head = FaceModel.load(real_data / "face_model.npz", whole_head=True)
    face = FaceModel.load(real_data / "face_model.npz")
    photos = FittedPhotos.load(real_data / "faces.zip", real_data / "fits.npz")
    layout, triangles, warp = layout520(), HeadSurface.of(head).triangles, landmark_warp(head)
    sampler = PositionMapRenderer.build(face).sampler(layout.uv)
    rng = np.random.default_rng(0)
    everything = []
    for low in range(0, 90, 15):
        found = []
        for side in (-1, 1):
            turned = side * photos.yaw_deg
            chosen = np.flatnonzero((turned >= low) & (turned < low + 15))
            for index in rng.choice(chosen, FACES_PER_15_DEG, replace=False):
                vertices = photos.vertices(head, [index])[0] + warp @ photos.residual68[index]
                points = sampler @ vertices[: len(face.neutral)]
                px_per_mm = float(photos.pose.scale[index]) / 10
                truth = true_visibility(points, vertices, triangles, px_per_mm)
                found.append((truth, skin_visibility(points) > 0.5, facing(points, layout)))
        truth, said, cosine = (np.concatenate(column) for column in zip(*found))
        agreement = (said == truth).mean()
        print(
            f"yaw {low}-{low + 15}: agreement {agreement:.3f}, hidden but said to be seen "
            f"{(said & ~truth).mean():.3f}, ROC-AUC of the cosine {roc_auc(cosine, truth):.3f}"
        )
        assert agreement > 0.92
        everything.append(agreement)
    print(f"mean {np.mean(everything):.3f}")
    assert np.mean(everything) > 0.94
