"""Fitted photos: a zip of face crops and `fits.npz` with the morphable-model fit of each."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.interpolate import RBFInterpolator

from edge_runtime.arrays import BoolArray, Float64Array, FloatArray, Uint8Array, Uint8Image
from edge_runtime.image_file import decode_image
from edge_runtime.layout import IBUG68_COUNT
from training.dataset.data_source import Statement
from training.dataset.records import NO_WORD, LabelSource
from training.errors import FittedPhotosError
from training.face.blendshape_labels import blendshape_labels, with_lids
from training.face.face_model import FaceModel, Pose

IDENTITY_STEP = 1 / 32
EXPRESSION_STEP = 1 / 100
RESIDUAL_STEP_PX = 1 / 32
REQUIRED_ARRAYS = (
    "name", "val", "identity_q", "expression_q", "rotation", "scale", "translation",
    "residual68_q",
)  # fmt: skip
OPTIONAL_ARRAYS = ("label_source", "occlusion68")  # of labels version 2
STATEMENT_ARRAYS = (
    "source",
    "licence",
    "stated_by",
    "labels",
)  # a string each


@dataclass(frozen=True)
class FittedPhotos:
    """N photos and their fits; training/DATA.md documents the files.

    An image point is pose.scale * pose.rotation @ model point + pose.translation, in px of that
    image, plus residual68 at the 68 landmarks.
    """

    zip_path: Path
    names: tuple[str, ...]
    held_out: BoolArray  # (N,) photos for validation
    identity: FloatArray  # (N, 100)
    expression: FloatArray  # (N, 53)
    pose: Pose
    residual68: FloatArray  # (N, 68, 3) px: true landmarks minus the fitted model's own
    label_source: Uint8Array  # (N,) who placed eyes, lips and brows: `LabelSource`
    occlusion68: Uint8Array  # (N, 68) people's word on what is seen, NO_WORD without one
    statement: Statement  # whose photos these are

    @classmethod
    def load(cls, zip_path: Path, fits_path: Path) -> FittedPhotos:
        """Open both files and check that they agree; raises FittedPhotosError."""
        if not zip_path.is_file():
            raise FittedPhotosError(f"{zip_path}: no such zip of photos. Pass --photos faces.zip.")
        if not fits_path.is_file():
            raise FittedPhotosError(f"{fits_path}: no such file of fits. Pass --fits fits.npz.")
        try:
            with zipfile.ZipFile(zip_path) as archive:
                in_zip = set(archive.namelist())
            with np.load(fits_path) as archive:
                missing = [name for name in REQUIRED_ARRAYS if name not in archive]
                if missing:
                    raise FittedPhotosError(f"{fits_path}: lacks {', '.join(missing)}.")
                arrays = {name: archive[name] for name in REQUIRED_ARRAYS}
                arrays |= {name: archive[name] for name in OPTIONAL_ARRAYS if name in archive}
                told = {name: str(archive[name]) for name in STATEMENT_ARRAYS if name in archive}
        except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
            raise FittedPhotosError(f"{zip_path} or {fits_path}: unreadable ({error}).") from error
        names = tuple(arrays["name"].tolist())
        absent = [name for name in names if name not in in_zip]
        if absent:
            raise FittedPhotosError(
                f"{zip_path}: {len(absent)} photos of {fits_path} are not in it, "
                f"{absent[0]} for one. Take both files from the same release."
            )
        return cls(
            zip_path=zip_path,
            names=names,
            held_out=arrays["val"].astype(bool),
            identity=arrays["identity_q"].astype(np.float32) * np.float32(IDENTITY_STEP),
            expression=arrays["expression_q"].astype(np.float32) * np.float32(EXPRESSION_STEP),
            pose=Pose(arrays["rotation"], arrays["scale"], arrays["translation"]),
            residual68=arrays["residual68_q"].astype(np.float32) * np.float32(RESIDUAL_STEP_PX),
            label_source=arrays.get(
                "label_source", np.full(len(names), LabelSource.NOT_STATED, np.uint8)
            ),
            occlusion68=arrays.get(
                "occlusion68", np.full((len(names), IBUG68_COUNT), NO_WORD, np.uint8)
            ),
            statement=Statement(**told),
        )

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def yaw_deg(self) -> Float64Array:
        """Head yaw (N,): the angle of the face's forward axis in the x-z plane, 0 frontal."""
        forward = -self.pose.rotation[:, :, 2]
        return np.asarray(np.degrees(np.arctan2(-forward[:, 0], forward[:, 2])))

    def blendshapes(self, model: FaceModel, index: int, points: FloatArray) -> FloatArray:
        """Blendshape labels (52,) of a photo with these landmarks (N, 3); all NaN where nobody
        placed its eyes and lips.
        """
        labels = blendshape_labels(self.expression[index], model.expression_names)
        nobody = self.label_source[index] == LabelSource.NOBODY
        return np.full_like(labels, np.nan) if nobody else with_lids(labels, points)

    def vertices(self, model: FaceModel, indices: Sequence[int] | slice) -> FloatArray:
        """Fitted vertices (n, V, 3) in image px, before the landmark warp."""
        pose = Pose(
            self.pose.rotation[indices], self.pose.scale[indices], self.pose.translation[indices]
        )
        return pose.apply(model.vertices(self.identity[indices], self.expression[indices]))

    def warped_vertices(
        self, model: FaceModel, warp: FloatArray, indices: Sequence[int]
    ) -> FloatArray:
        """Vertices (n, V, 3) moved so that they pass through the photos' 68 landmarks.

        warp is `landmark_warp` of the model.
        """
        warped: FloatArray = self.vertices(model, indices) + warp @ self.residual68[indices]
        return warped

    def landmarks68(self, model: FaceModel, indices: Sequence[int] | slice) -> FloatArray:
        """Labels (n, 68, 3) in image px: the model's landmarks, moved to where photos have them."""
        return model.landmarks68(self.vertices(model, indices)) + self.residual68[indices]

    def images(self, indices: Sequence[int]) -> Iterator[Uint8Image]:
        """RGB photos (H, W, 3) in the given order; raises FittedPhotosError on a damaged one."""
        with zipfile.ZipFile(self.zip_path) as archive:
            for index in indices:
                image = decode_image(archive.read(self.names[index]))
                if image is None:
                    raise FittedPhotosError(
                        f"{self.zip_path}: {self.names[index]} is not a decodable image."
                    )
                yield image


def landmark_warp(model: FaceModel) -> FloatArray:
    """Matrix (V, 68) that carries displacements of the 68 landmarks to every vertex.

    A biharmonic radial basis function (phi(r) = -r in 3D) over the landmarks of the neutral face:
    smooth, exact at the landmarks, and the same for every photo.
    """
    landmarks = model.landmarks68(model.neutral).astype(np.float64)
    basis = RBFInterpolator(landmarks, np.eye(len(landmarks)), kernel="linear")
    spread = basis(model.neutral.astype(np.float64))
    # A landmark lies inside a triangle: what its corners pass on must be the landmark's own again.
    at_landmarks = model.landmarks68(spread.astype(np.float32)).astype(np.float64)
    return np.asarray((spread @ np.linalg.inv(at_landmarks)).astype(np.float32))
