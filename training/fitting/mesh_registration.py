"""Which point of the face model each point of MediaPipe's face mesh is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray, IntArray
from edge_runtime.atomic_file import write_whole
from training.errors import FaceModelError
from training.face.face_model import FaceModel
from training.face.surface_points import SurfacePoints, nearest_on_surface
from training.fitting.point_fitter import FaceFits, PointFitter

MESH_POINT_COUNT = 468
MESH_REGISTRATION_PATH = Path(__file__).with_name("mesh_registration.json")
# MediaPipe's depth errs more than its x and y; the weight of a squared error of z.
DEPTH_CERTAINTY = 0.3
MESH_CERTAINTY = np.array([1, 1, DEPTH_CERTAINTY])
# A mesh point that wanders further over the skin from photo to photo, in face sizes, is left out:
# at the forehead and in front of the ears the mesh has no place of its own.
WIDEST_SPREAD = 0.04
# A photo this many times worse than the median shows another face or is wrongly fitted.
WORST_OVER_MEDIAN = 3.0


@dataclass(frozen=True, eq=False)
class MeshRegistration:
    """K of MediaPipe's 468 mesh points as points of the face model's surface.

    landmark68_offset_cm (68, 3), model space: where people place the 68 landmarks minus where a fit
    to the mesh puts the model's own, on average.
    """

    topology: str  # of the face model: the vertices' number and a hash of the triangles
    mesh_indices: IntArray  # (K,)
    points: SurfacePoints  # (K,)
    spread: Float64Array  # (K,) root mean square distance over the photos, in face sizes
    landmark68_offset_cm: FloatArray

    @classmethod
    def load(cls, model: FaceModel, path: Path = MESH_REGISTRATION_PATH) -> MeshRegistration:
        """Read the file; raises FaceModelError unless it belongs to the model."""
        try:
            stored = json.loads(path.read_text())
            registration = cls(
                topology=stored["topology"],
                mesh_indices=np.array(stored["mesh_indices"], np.int32),
                points=SurfacePoints(
                    np.array(stored["corners"], np.int32), np.array(stored["weights"], np.float32)
                ),
                spread=np.array(stored["spread"]),
                landmark68_offset_cm=np.array(stored["landmark68_offset_cm"], np.float32),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FaceModelError(
                f"{path}: not a registration of the face mesh ({error}). "
                "`face520-train register-mesh` makes one."
            ) from error
        if registration.topology != topology_of(model):
            raise FaceModelError(
                f"{path}: made for another face model ({registration.topology}, not "
                f"{topology_of(model)}). Take ICT FaceKit, or fit some photos with this model and "
                "run `face520-train register-mesh` on them."
            )
        return registration

    def write(self, path: Path) -> None:
        """Write the JSON file; raises OutputWriteError."""
        stored = {
            "topology": self.topology,
            "mesh_indices": self.mesh_indices.tolist(),
            "corners": self.points.corners.tolist(),
            "weights": np.round(self.points.weights.astype(float), 5).tolist(),
            "spread": np.round(self.spread, 5).tolist(),
            "landmark68_offset_cm": np.round(self.landmark68_offset_cm.astype(float), 4).tolist(),
        }
        lines = ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in stored.items())
        write_whole(path, f"{{\n{lines}\n}}\n".encode())

    def offset68_px(self, fits: FaceFits) -> FloatArray:
        """The landmarks' offset (B, 68, 3) in image px, turned and scaled with each face."""
        turned = self.landmark68_offset_cm @ np.swapaxes(fits.pose.rotation, -1, -2)
        return turned * fits.pose.scale[:, None, None]


def topology_of(model: FaceModel) -> str:
    """What tells face models with other vertices or triangles apart."""
    digest = hashlib.sha256(model.triangles.astype("<i4").tobytes()).hexdigest()
    return f"{len(model.neutral)} vertices {digest[:12]}"


def register(
    model: FaceModel, vertices: FloatArray, landmarks68: FloatArray, mesh_points: FloatArray
) -> MeshRegistration:
    """Register the mesh from P photos whose faces are fitted already, none turned far.

    vertices (P, V, 3): the fitted faces, their masks at least; landmarks68 (P, 68, 3): the true
    ones; mesh_points (P, 468, 3): MediaPipe's; all in image px. A mesh point becomes the point of
    the facial mask whose images lie closest to it in the least squares sense. Raises
    FaceModelError when the photos do not agree on where most mesh points lie.
    """
    size = np.sqrt(np.prod(np.ptp(landmarks68[..., :2], axis=1), axis=-1))[:, None, None]
    middle = landmarks68[..., :2].mean(axis=1, keepdims=True)
    surface = (vertices[:, : model.mask_vertex_count, :2] - middle) / size
    targets = (mesh_points[..., :2] - middle) / size
    points, _ = nearest_on_surface(surface, model.mask_triangles, targets)
    distance = np.linalg.norm(points.of(surface) - targets, axis=-1).mean(axis=1)
    good = distance < WORST_OVER_MEDIAN * np.median(distance)
    points, spread = nearest_on_surface(surface[good], model.mask_triangles, targets[good])
    kept = np.flatnonzero(spread < WIDEST_SPREAD)
    if len(kept) < len(points) / 2:
        raise FaceModelError(
            f"Only {len(kept)} of {len(points)} mesh points find a place on the face model. "
            "Are photos, fits and face model of the same release?"
        )
    kept_points = SurfacePoints(points.corners[kept], points.weights[kept])
    return MeshRegistration(
        topology=topology_of(model),
        mesh_indices=kept.astype(np.int32),
        points=kept_points,
        spread=spread[kept],
        landmark68_offset_cm=_offset68_cm(
            model, kept_points, mesh_points[good][:, kept], landmarks68[good]
        ),
    )


def _offset68_cm(
    model: FaceModel, points: SurfacePoints, mesh_points: FloatArray, landmarks68: FloatArray
) -> FloatArray:
    fitter = PointFitter(model, points, np.ones(len(points)))
    fits = fitter.fit(mesh_points.astype(np.float64), MESH_CERTAINTY)
    residual = landmarks68 - fits.points(model, model.landmark68_points)
    # Where zero depth lies is a convention of each method.
    residual[..., 2] -= residual[..., 2].mean(axis=1, keepdims=True)
    in_model = residual @ fits.pose.rotation / fits.pose.scale[:, None, None]
    return np.asarray(in_model.mean(axis=0).astype(np.float32))
