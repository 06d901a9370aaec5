"""From a face mesh, and an annotation where there is one, to a fit in the form that is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import BoolArray, Float64Array, FloatArray
from edge_runtime.layout import IBUG68_COUNT
from training import ibug68
from training.face.face_model import FaceModel, Pose
from training.fitting.fitted_photos import EXPRESSION_STEP, IDENTITY_STEP
from training.fitting.landmark_annotation import LandmarkAnnotation
from training.fitting.mesh_registration import MESH_CERTAINTY, MeshRegistration
from training.fitting.point_fitter import FaceFits, PointFitter
from training.nme import nme_percent

# All 68 annotated landmarks together count as much as this many of the mesh together.
ANNOTATION_STRENGTH = 2.0
# From this yaw on the outline of the far cheek hides the jaw.
HIDDEN_JAW_YAW_DEG = 10.0
MOST_STORED = 127  # coefficients are stored as int8


@dataclass(frozen=True, eq=False)
class FittedFace:
    """One fit, coefficients in stored steps.

    landmarks68 (68, 3), image px, is what the label will pass through: the model's own landmarks
    plus residual68. misfit_percent: mean distance between the mesh and the fit, of the face's size.
    disagreement_percent: NME of the annotation, None without one.
    """

    identity_q: NDArray[np.int8]  # (100,)
    expression_q: NDArray[np.int8]  # (53,)
    pose: Pose
    landmarks68: FloatArray
    residual68: FloatArray
    misfit_percent: float
    disagreement_percent: float | None

    @property
    def yaw_deg(self) -> float:
        """Head yaw, 0 frontal, positive to the image's right."""
        forward = -self.pose.rotation[:, 2]
        return float(np.degrees(np.arctan2(-forward[0], forward[2])))


class FaceFitter:
    """Fits one face model to the faces of photos."""

    def __init__(self, model: FaceModel, registration: MeshRegistration) -> None:
        self.model = model
        self.registration = registration
        self.landmarks = model.landmark68_points
        count = len(registration.points)
        self._mesh_fitter = PointFitter(model, registration.points, np.ones(count))
        strength = np.repeat([1, ANNOTATION_STRENGTH * count / IBUG68_COUNT], [count, IBUG68_COUNT])
        self._both = registration.points.followed_by(self.landmarks)
        self._annotated_fitter = PointFitter(model, self._both, strength)

    def fit(
        self, meshes: FloatArray, annotations: Sequence[LandmarkAnnotation | None]
    ) -> list[FittedFace]:
        """Fit to MediaPipe's points (B, 468, 3) in image px and the annotations that exist."""
        mesh = meshes[:, self.registration.mesh_indices].astype(np.float64)
        fits = self._mesh_fitter.fit(mesh, MESH_CERTAINTY)
        landmarks = self._landmarks68(fits)
        misfit_percent = self._misfit_percent(fits, mesh, landmarks)
        disagreement_percent: list[float | None] = [None] * len(mesh)
        by_hand = np.full(landmarks[..., :2].shape, np.nan)  # what is not annotated stays NaN
        for index, annotation in enumerate(annotations):
            if annotation is not None:
                seen = _usable(annotation, fits.pose.rotation[index])
                points = annotation.points[seen]
                disagreement = nme_percent(landmarks[index, seen][None], points[None])
                disagreement_percent[index] = float(disagreement[0])
                by_hand[index, seen] = points
        fits = self._with_annotations(fits, mesh, by_hand)
        return self._stored(fits, by_hand, misfit_percent, disagreement_percent)

    def _landmarks68(self, fits: FaceFits) -> FloatArray:
        return fits.points(self.model, self.landmarks) + self.registration.offset68_px(fits)

    def _misfit_percent(
        self, fits: FaceFits, mesh: Float64Array, landmarks68: FloatArray
    ) -> Float64Array:
        difference = fits.points(self.model, self.registration.points) - mesh
        size_px = np.sqrt(np.prod(np.ptp(landmarks68[..., :2], axis=1), axis=-1))
        return np.asarray(np.linalg.norm(difference[..., :2], axis=-1).mean(axis=1) / size_px * 100)

    def _with_annotations(
        self, fits: FaceFits, mesh: Float64Array, by_hand: Float64Array
    ) -> FaceFits:
        """Fit annotated faces anew, to their mesh and to the landmarks (B, 68, 2) that are set."""
        annotated = np.flatnonzero(np.isfinite(by_hand).any(axis=(1, 2)))
        if not len(annotated):
            return fits
        first = fits[annotated]
        start = first.points(self.model, self._both).astype(np.float64)
        aims, certainty = start.copy(), np.zeros(start.shape)
        aims[:, : mesh.shape[1]], certainty[:, : mesh.shape[1]] = mesh[annotated], MESH_CERTAINTY
        # Where the model's own landmarks should come to lie, so that offset they meet the others.
        own = by_hand[annotated] - self.registration.offset68_px(first)[..., :2]
        certainty[:, mesh.shape[1] :, :2] = np.isfinite(own)
        aims[:, mesh.shape[1] :, :2] = np.nan_to_num(own)
        return fits.with_replaced(annotated, self._annotated_fitter.fit(aims, certainty, start))

    def _stored(
        self,
        fits: FaceFits,
        by_hand: Float64Array,
        misfit_percent: Float64Array,
        disagreement_percent: list[float | None],
    ) -> list[FittedFace]:
        """Fits in stored steps, their residuals taken after the rounding."""
        identity_q = np.round(fits.identity / IDENTITY_STEP).clip(-MOST_STORED, MOST_STORED)
        expression_q = np.round(fits.expression / EXPRESSION_STEP)
        rounded = FaceFits(
            (identity_q * IDENTITY_STEP).astype(np.float32),
            (expression_q * EXPRESSION_STEP).astype(np.float32),
            fits.pose,
        )
        own = rounded.points(self.model, self.landmarks)
        landmarks = own + self.registration.offset68_px(rounded)
        landmarks[..., :2] = np.where(np.isfinite(by_hand), by_hand, landmarks[..., :2])
        return [
            FittedFace(
                identity_q=identity_q[index].astype(np.int8),
                expression_q=expression_q[index].astype(np.int8),
                pose=fits.pose_of(index),
                landmarks68=landmarks[index],
                residual68=landmarks[index] - own[index],
                misfit_percent=float(misfit_percent[index]),
                disagreement_percent=disagreement_percent[index],
            )
            for index in range(len(own))
        ]


def _usable(annotation: LandmarkAnnotation, rotation: FloatArray) -> BoolArray:
    """Which of the 68 annotated points are the landmarks themselves."""
    usable = np.ones(IBUG68_COUNT, dtype=bool)
    yaw_deg = np.degrees(np.arctan2(rotation[0, 2], -rotation[2, 2]))
    if annotation.on_outline and abs(yaw_deg) > HIDDEN_JAW_YAW_DEG:
        # Turned to the image's right, the face hides the jaw at its image right, points 9 to 16.
        jaw = np.array(ibug68.GROUPS["jaw"])
        usable[jaw[9:] if yaw_deg > 0 else jaw[:8]] = False
    return usable
