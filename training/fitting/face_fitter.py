"""From what was seen of a face, and an annotation where there is one, to a fit that is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import BoolArray, Float64Array, FloatArray, Uint8Array
from edge_runtime.layout import IBUG68_COUNT, Layout
from edge_runtime.pose import UPRIGHT
from training import ibug68
from training.dataset.records import LabelSource
from training.errors import FaceModelError
from training.face.face_model import FaceModel, Pose
from training.face.position_map import barycentric_weights
from training.face.shape_fit import fit_shape
from training.face.surface_points import SurfacePoints
from training.fitting.face_finder import SeenFace
from training.fitting.face_mesh import landmarks68_of_mesh
from training.fitting.fitted_photos import EXPRESSION_STEP, IDENTITY_STEP
from training.fitting.landmark_annotation import LandmarkAnnotation
from training.fitting.mesh_registration import EYES_AND_LIPS, MeshRegistration
from training.fitting.point_fitter import FaceFits, PointFitter, similarity
from training.nme import nme_percent

# All 68 landmarks together count as much as this many times the other keypoints together.
LANDMARK_STRENGTH = 2.0
# The model's depth follows from x and y; the weight of a squared error of z.
CERTAINTY = np.array([1, 1, 0.3])
# On held-out photos the mean of the mesh's eyes and lips and the model's follows people better than
# either below this yaw; from there on the mesh turns too little.
LARGEST_MESH_YAW_DEG = 45.0
# Lids and lips of a mesh that lies elsewhere than the model are somebody else's.
LARGEST_MESH_DISTANCE_PERCENT = 8.0
# From this yaw on the outline of the far cheek hides the jaw.
HIDDEN_JAW_YAW_DEG = 10.0
MOST_STORED = 127  # coefficients are stored as int8
# A layout's mean face is the neutral one of its face model; of another model, they differ by more.
LARGEST_SHAPE_ERROR = 0.02


@dataclass(frozen=True, eq=False)
class FittedFace:
    """One fit, coefficients in stored steps.

    landmarks68 (68, 3), image px, is what the label will pass through: the model's own landmarks
    plus residual68. source68 (68,): who placed each, by the numbers of LabelSource. misfit_percent:
    mean distance between what was seen and the fit, of the face's size. disagreement_percent: NME
    of the annotation, None without one.
    """

    identity_q: NDArray[np.int8]  # (100,)
    expression_q: NDArray[np.int8]  # (53,)
    pose: Pose
    landmarks68: FloatArray
    residual68: FloatArray
    source68: Uint8Array
    misfit_percent: float
    disagreement_percent: float | None

    @property
    def yaw_deg(self) -> float:
        """Head yaw, 0 frontal, positive to the image's right."""
        return float(yaw_deg_of(self.pose))

    @property
    def label_source(self) -> LabelSource:
        """Who placed most landmarks of eyes and lips."""
        return LabelSource(int(np.bincount(self.source68[EYES_AND_LIPS]).argmax()))


class FaceFitter:
    """Fits one face model to the faces of photos.

    layout: of the landmarks that a landmark model sees. Raises FaceModelError where it belongs to
    another face model.
    """

    def __init__(self, model: FaceModel, layout: Layout, registration: MeshRegistration) -> None:
        self.model = model
        self.registration = registration
        self.keypoints = keypoints_on(model, layout)
        self._neutral = self.keypoints.of(model.neutral)
        strength = np.ones(len(layout))
        others = len(layout) - IBUG68_COUNT
        strength[:IBUG68_COUNT] = LANDMARK_STRENGTH * others / IBUG68_COUNT
        self._fitter = PointFitter(model, self.keypoints, strength)

    def fit(
        self, faces: Sequence[SeenFace], annotations: Sequence[LandmarkAnnotation | None]
    ) -> list[FittedFace]:
        """Fit to B faces and the annotations that exist."""
        seen = np.stack([face.points for face in faces])
        aims = seen.copy()
        sources = np.full((len(faces), IBUG68_COUNT), LabelSource.MODEL, np.uint8)
        pose = rough_pose(self._neutral, seen)
        self._take_meshes(aims, sources, faces, pose)
        disagreement_percent: list[float | None] = [None] * len(faces)
        for index, annotation in enumerate(annotations):
            if annotation is not None:
                usable = np.flatnonzero(_usable(annotation, float(yaw_deg_of(pose)[index])))
                points = annotation.points[usable]
                disagreement = nme_percent(seen[index, usable][None], points[None])
                disagreement_percent[index] = float(disagreement[0])
                aims[index, usable, :2] = points
                sources[index, usable] = LabelSource.PEOPLE
        return self._stored(aims, sources, disagreement_percent)

    def _take_meshes(
        self, aims: FloatArray, sources: Uint8Array, faces: Sequence[SeenFace], pose: Pose
    ) -> None:
        """Move eyes and lips of aims (B, N, 3) half-way to where trustworthy meshes have them."""
        ahead = np.abs(yaw_deg_of(pose)) < LARGEST_MESH_YAW_DEG
        places = [i for i, face in enumerate(faces) if face.mesh is not None and ahead[i]]
        if not places:
            return
        meshes = np.stack([mesh for i in places if (mesh := faces[i].mesh) is not None])
        apart = nme_percent(landmarks68_of_mesh(meshes), aims[places, :IBUG68_COUNT])
        near = apart < LARGEST_MESH_DISTANCE_PERCENT
        trusted = np.array(places)[near]
        told = self.registration.eyes_and_lips(meshes[near], pose[trusted])
        aims[trusted, EYES_AND_LIPS, :2] += (told - aims[trusted, EYES_AND_LIPS, :2]) / 2
        sources[trusted, EYES_AND_LIPS] = LabelSource.MESH_AND_MODEL

    def _stored(
        self, aims: FloatArray, sources: Uint8Array, disagreement_percent: list[float | None]
    ) -> list[FittedFace]:
        """Fits in stored steps, their residuals taken after the rounding."""
        fits = self._fitter.fit(aims.astype(np.float64), CERTAINTY)
        identity_q = np.round(fits.identity / IDENTITY_STEP).clip(-MOST_STORED, MOST_STORED)
        expression_q = np.round(fits.expression / EXPRESSION_STEP)
        rounded = FaceFits(
            (identity_q * IDENTITY_STEP).astype(np.float32),
            (expression_q * EXPRESSION_STEP).astype(np.float32),
            fits.pose,
        )
        own = rounded.points(self.model, self.keypoints)
        landmarks = own[:, :IBUG68_COUNT].copy()
        landmarks[..., :2] = aims[:, :IBUG68_COUNT, :2]
        size_px = np.sqrt(np.prod(np.ptp(landmarks[..., :2], axis=1), axis=-1))
        misfit_px = np.linalg.norm((own - aims)[..., :2], axis=-1).mean(axis=1)
        return [
            FittedFace(
                identity_q=identity_q[index].astype(np.int8),
                expression_q=expression_q[index].astype(np.int8),
                pose=fits.pose[index],
                landmarks68=landmarks[index],
                residual68=landmarks[index] - own[index, :IBUG68_COUNT],
                source68=sources[index],
                misfit_percent=float(misfit_px[index] / size_px[index] * 100),
                disagreement_percent=disagreement_percent[index],
            )
            for index in range(len(own))
        ]


def keypoints_on(model: FaceModel, layout: Layout) -> SurfacePoints:
    """Where a layout's keypoints lie on the face model that it was made for, by their UV.

    Raises FaceModelError for another face model.
    """
    corners = model.map_uv[model.triangles].astype(np.float64)
    owners, weights = [], []
    for uv in layout.uv[IBUG68_COUNT:].astype(np.float64):
        shares = barycentric_weights(corners, np.broadcast_to(uv, (len(corners), 2)))
        owners.append(int(shares.min(axis=1).argmax()))  # not negative in the triangle around it
        weights.append(shares[owners[-1]])
    others = SurfacePoints(model.triangles[owners], np.array(weights, np.float32))
    keypoints = model.landmark68_points.followed_by(others)
    error = fit_shape(layout.mean_shape, keypoints.of(model.neutral) @ UPRIGHT).error
    if error > LARGEST_SHAPE_ERROR:
        raise FaceModelError(
            f"The landmarks {layout.reference} were made for another face model, whose face "
            f"differs by {error:.0%}. Leave --face-model out, and ICT FaceKit is taken."
        )
    return keypoints


def rough_pose(neutral: FloatArray, points: FloatArray) -> Pose:
    """Pose of the neutral face's keypoints (N, 3) in cm on a face's (B, N, 3) in image px."""
    model_points = np.broadcast_to(neutral.astype(np.float64), points.shape)
    strength = np.full((len(neutral), 1), 1 / len(neutral))
    found = similarity(model_points, points.astype(np.float64), strength)
    return Pose(*(part.astype(np.float32) for part in found))


def yaw_deg_of(pose: Pose) -> Float64Array:
    """Head yaw of poses (...,): 0 frontal, positive to the image's right."""
    rotation = pose.rotation
    return np.asarray(np.degrees(np.arctan2(rotation[..., 0, 2], -rotation[..., 2, 2])))


def _usable(annotation: LandmarkAnnotation, yaw_deg: float) -> BoolArray:
    """Which of the 68 annotated points are the landmarks themselves."""
    usable = np.ones(IBUG68_COUNT, dtype=bool)
    if annotation.on_outline and abs(yaw_deg) > HIDDEN_JAW_YAW_DEG:
        # Turned to the image's right, the face hides the jaw at its image right, points 9 to 16.
        jaw = np.array(ibug68.GROUPS["jaw"])
        usable[jaw[9:] if yaw_deg > 0 else jaw[:8]] = False
    return usable
