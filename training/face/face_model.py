"""Morphable face model: identity and expression coefficients to the vertices of a head mesh."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import BoolArray, FloatArray, Int64Array, IntArray
from training.errors import FaceModelError
from training.face.surface_points import SurfacePoints

REQUIRED_ARRAYS = (
    "neutral", "identity_q", "identity_scale", "expression_q", "expression_scale",
    "expression_names", "triangles", "uv", "landmark68_vertices", "landmark68_weights",
    "region_names", "region_stop",
)  # fmt: skip

# ICT FaceKit's, as `face520-train face-model` makes it; its licence is beside it.
FACE_MODEL_PATH = Path(__file__).with_name("face_model.npz")
# 0 keeps the model's UV, 1 spreads vertices evenly along each axis; 0.75 gave the smallest error of
# position maps at the eyes (0.3 px at 0.5, 0.8 px at 0).
MAP_DENSITY_EVENNESS = 0.75


@dataclass(frozen=True)
class FaceModel:
    """Linear face model after ICT FaceKit (USC ICT, MIT licence), full face or whole head.

    Model space: cm, x to the image's right when the face looks at the camera, y up, z toward the
    viewer. V vertices, T triangles; UV fills the unit square, v up. A position map holds the full
    face alone; its vertices come first in the whole head, whose others have no map_uv.
    """

    neutral: FloatArray  # (V, 3)
    identity_modes: FloatArray  # (100, V, 3), coefficients about N(0, 1)
    expression_modes: FloatArray  # (53, V, 3), coefficients in [0, 1]
    expression_names: tuple[str, ...]
    triangles: IntArray  # (T, 3)
    uv: FloatArray  # (V, 2)
    mask_vertex_count: int  # vertices 0..mask_vertex_count-1 lie in front of the ears
    landmark68_vertices: IntArray  # (68, 3)
    landmark68_weights: FloatArray  # (68, 3), barycentric

    @classmethod
    def load(cls, path: Path, whole_head: bool = False) -> FaceModel:
        """Read the `.npz` that training/DATA.md documents, with skull and neck or without.

        Raises FaceModelError when the file is absent or lacks an array.
        """
        if not path.is_file():
            raise FaceModelError(f"{path}: no such face model. Pass --face-model face_model.npz.")
        try:
            with np.load(path) as archive:
                missing = [name for name in REQUIRED_ARRAYS if name not in archive]
                arrays = {name: archive[name] for name in REQUIRED_ARRAYS if name in archive}
        except (ValueError, OSError, EOFError) as error:
            raise FaceModelError(f"{path}: not a readable .npz archive ({error}).") from error
        if missing:
            raise FaceModelError(f"{path}: not a face model, it lacks {', '.join(missing)}.")
        return cls._from_arrays(arrays, whole_head)

    @classmethod
    def _from_arrays(cls, arrays: dict[str, NDArray[Any]], whole_head: bool) -> FaceModel:
        stops = dict(zip(arrays["region_names"].tolist(), arrays["region_stop"].tolist()))
        # The head behind the full face has its UVs in the next tile: no position map holds it.
        count = len(arrays["neutral"]) if whole_head else stops["full_face"]
        triangles = arrays["triangles"]

        def modes(name: str) -> FloatArray:
            scale = arrays[f"{name}_scale"].astype(np.float32)[:, None, None]
            return arrays[f"{name}_q"][:, :count].astype(np.float32) * scale

        return cls(
            neutral=arrays["neutral"][:count].astype(np.float32),
            identity_modes=modes("identity"),
            expression_modes=modes("expression"),
            expression_names=tuple(arrays["expression_names"].tolist()),
            triangles=triangles[(triangles < count).all(axis=1)].astype(np.int32),
            uv=arrays["uv"][:count].astype(np.float32),
            mask_vertex_count=stops["face_mask"],
            landmark68_vertices=arrays["landmark68_vertices"].astype(np.int32),
            landmark68_weights=arrays["landmark68_weights"].astype(np.float32),
        )

    @cached_property
    def mask_triangles(self) -> IntArray:
        """Triangles (M, 3) of the facial mask, the part in front of the ears."""
        inside = (self.triangles < self.mask_vertex_count).all(axis=1)
        return np.asarray(self.triangles[inside])

    @cached_property
    def landmark68_uv(self) -> FloatArray:
        """UV (68, 2) of the 68 iBUG landmarks in this project's position maps."""
        return self.landmarks68(self.map_uv)

    @cached_property
    def map_uv(self) -> FloatArray:
        """UV (V, 2) of the vertices in this project's position maps."""
        return to_map_uv(self.uv)

    @cached_property
    def _flat_modes(self) -> FloatArray:
        modes = np.concatenate([self.identity_modes, self.expression_modes])
        return modes.reshape(len(modes), -1)

    def vertices(self, identity: FloatArray, expression: FloatArray) -> FloatArray:
        """Vertices (..., V, 3) in cm from identity (..., 100) and expression (..., 53)."""
        coefficients = np.concatenate([identity, expression], axis=-1).astype(np.float32)
        offsets = coefficients @ self._flat_modes
        return self.neutral + offsets.reshape(*coefficients.shape[:-1], -1, 3)

    def landmarks68(self, per_vertex: FloatArray) -> FloatArray:
        """Interpolate any per-vertex quantity (..., V, D) at the 68 landmarks: (..., 68, D)."""
        return self.landmark68_points.of(per_vertex)

    @property
    def landmark68_points(self) -> SurfacePoints:
        """The 68 iBUG landmarks on the surface."""
        return SurfacePoints(self.landmark68_vertices, self.landmark68_weights)


def to_map_uv(uv: FloatArray) -> FloatArray:
    """The face model's UV (V, 2) of all vertices to that of this project's position maps.

    The model's own UV squeezes the eyelids into four of 256 texels. Here each axis is moved most of
    the way to an even vertex density, which leaves rows rows and columns columns, and gives lids
    and lips the texels they need.
    """
    u, v = uv[:, 0], uv[:, 1]
    return np.stack([equalise(u, np.concatenate([u, 1 - u])), equalise(v, v)], axis=-1)


def equalise(coordinates: FloatArray, density_samples: FloatArray) -> FloatArray:
    """Move coordinates in [0, 1] toward an even density of samples, monotonically."""
    knots = np.linspace(0, 1, 257)
    share = np.searchsorted(np.sort(density_samples), knots) / len(density_samples)
    even = MAP_DENSITY_EVENNESS * share + (1 - MAP_DENSITY_EVENNESS) * knots
    return np.interp(coordinates, knots, even).astype(np.float32)


@dataclass(frozen=True)
class Pose:
    """Scaled-orthographic pose: image point = scale * rotation @ model point + translation.

    Image space: px, x right, y down, z away from the viewer. rotation (..., 3, 3) has determinant
    +1 and holds the flip of y and z; scale (...,) in px per cm; translation (..., 3) in px.
    """

    rotation: FloatArray
    scale: FloatArray
    translation: FloatArray

    def __getitem__(self, chosen: Int64Array | BoolArray | int) -> Pose:
        """The poses of some of the photos, or of one."""
        return Pose(self.rotation[chosen], self.scale[chosen], self.translation[chosen])

    def apply(self, points: FloatArray) -> FloatArray:
        """Model points (..., N, 3) in cm to image points (..., N, 3) in px."""
        turned = points @ np.swapaxes(self.rotation, -1, -2)
        return np.asarray(turned * self.scale[..., None, None] + self.translation[..., None, :])
