"""`face520-train register-mesh`: where people put eyes and lips, told from MediaPipe's mesh."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from edge_runtime.arrays import Float64Array, FloatArray
from edge_runtime.console import out, progress_bar
from edge_runtime.layout import IBUG68_COUNT
from training.commands.data_options import FaceModelOption
from training.face.face_model import FACE_MODEL_PATH
from training.fitting.mesh_registration import MESH_REGISTRATION_PATH

if TYPE_CHECKING:
    from training.face.face_model import FaceModel, Pose
    from training.fitting.fitted_photos import FittedPhotos

HELP = """
Find out where people put the landmarks of eyes and lips on MediaPipe's face mesh.

Made from photos whose 68 landmarks people placed (label_source 1), none turned by more than 45
degrees nor held out: a linear map for an eye and one for the mouth, whose openings vary as much as
people's. `face520-train fit` reads the file that is written. Cross-validation, five-fold, says
how well openings follow people's on faces that a map was not made from.
"""
PHOTO_COUNT = 2400
LARGEST_YAW_DEG = 45
FRONTAL_DEG = 30  # openings are compared below
FOLDS = 5


def register_mesh(
    photos: Annotated[Path, typer.Option("--photos", metavar="ZIP", help="Zip of face photos.")],
    fits: Annotated[Path, typer.Option("--fits", metavar="NPZ", help="Their fits.")],
    face_model: FaceModelOption = FACE_MODEL_PATH,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="JSON", help="Registration to write.")
    ] = MESH_REGISTRATION_PATH,
) -> None:
    """The command; `HELP` is what a person reads."""
    from training.errors import FaceModelError
    from training.evaluation.openness import OpennessScores
    from training.face.face_model import FaceModel
    from training.fitting.fitted_photos import FittedPhotos
    from training.fitting.mesh_registration import PARTS, MeshRegistration

    fitted = FittedPhotos.load(photos, fits)
    faces = meshes_by_people(fitted, FaceModel.load(face_model))
    if len(faces) < FOLDS:
        raise FaceModelError(
            f"{photos}: MediaPipe finds {len(faces)} faces whose eyes and lips people placed and "
            f"that are turned by less than {LARGEST_YAW_DEG} degrees. Give photos of such faces."
        )
    ahead = np.abs(faces.yaw_deg) < FRONTAL_DEG
    truth = faces.landmarks68

    def openness(stretch: dict[str, float]) -> OpennessScores:
        return OpennessScores.of(cross_validated(faces, stretch)[ahead], truth[ahead])

    even = openness(dict.fromkeys(PARTS, 1.0))
    # Least squares answers doubt with the mean: openings that vary as much as people's vary by
    # correlation over slope of theirs.
    stretch = {
        name: (agreement.correlation or 1.0) / (agreement.slope or 1.0)
        for name, agreement in {"eye": even.each_eye, "mouth": even.mouth}.items()
    }
    MeshRegistration.fitted(faces.meshes, faces.pose, truth, stretch).write(output)
    followed = openness(stretch)
    out.print(
        f"registered on {len(faces)} faces; of {int(ahead.sum())} turned by less than "
        f"{FRONTAL_DEG} degrees, in cross-validation,"
    )
    for name, one in {"eyes": followed.eyes, "mouths": followed.mouth}.items():
        out.print(
            f"  {name} open as people's: correlation {one.correlation:.3f}, slope {one.slope:.3f}"
        )
    out.print(str(output), style="green")


@dataclass(frozen=True, eq=False)
class MeshedFaces:
    """Faces whose landmarks (F, 68, 3) people placed, with MediaPipe's meshes (F, 468, 3), px."""

    meshes: FloatArray
    landmarks68: FloatArray
    pose: Pose
    yaw_deg: Float64Array

    def __len__(self) -> int:
        return len(self.meshes)


def meshes_by_people(fitted: FittedPhotos, model: FaceModel) -> MeshedFaces:
    """Run MediaPipe on photos that people annotated, evenly chosen, with a progress bar."""
    from edge_runtime.crop import CropRegion
    from edge_runtime.layout import layout520
    from training.dataset.records import LabelSource
    from training.fitting.face_fitter import keypoints_on, rough_pose
    from training.fitting.face_mesh import REGION_OVER_CROP, FaceMeshNetwork
    from training.fitting.fitted_photos import landmark_warp

    ahead = np.abs(fitted.yaw_deg) < LARGEST_YAW_DEG
    usable = np.flatnonzero(~fitted.held_out & ahead & (fitted.label_source == LabelSource.PEOPLE))
    chosen = usable[:: max(len(usable) // PHOTO_COUNT, 1)][:PHOTO_COUNT]
    warp, keypoints = landmark_warp(model), keypoints_on(model, layout520())
    found, meshes, points = [], [], []
    with FaceMeshNetwork() as network, progress_bar() as progress:
        task = progress.add_task("photos", total=len(chosen))
        for index, image in zip(chosen, fitted.images(chosen.tolist())):
            face = fitted.warped_vertices(model, warp, [index])[0]
            seen = keypoints.of(face)
            mesh = network.mesh_in(
                image, CropRegion.around_landmarks(seen).scaled(REGION_OVER_CROP)
            )
            if mesh is not None:
                found.append(index)
                meshes.append(mesh)
                points.append(seen)
            progress.advance(task)
    count = len(found)
    seen = np.array(points, np.float32).reshape(count, -1, 3)
    return MeshedFaces(
        np.array(meshes, np.float32).reshape(count, -1, 3),
        seen[:, :IBUG68_COUNT],
        rough_pose(keypoints.of(model.neutral), seen),
        fitted.yaw_deg[found],
    )


def cross_validated(faces: MeshedFaces, stretch: dict[str, float]) -> FloatArray:
    """Landmarks (F, 68, 3) whose eyes and lips maps tell that were made from other faces."""
    from training.fitting.mesh_registration import EYES_AND_LIPS, MeshRegistration

    told = faces.landmarks68.copy()
    fold = np.arange(len(faces)) % FOLDS
    for one in range(FOLDS):
        others, own = fold != one, np.flatnonzero(fold == one)
        made = MeshRegistration.fitted(
            faces.meshes[others], faces.pose[others], faces.landmarks68[others], stretch
        )
        told[own, EYES_AND_LIPS, :2] = made.eyes_and_lips(faces.meshes[own], faces.pose[own])
    return told
