"""`face520-train register-mesh`: where MediaPipe's face mesh lies on the face model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from edge_runtime.console import out, progress_bar
from training.face.face_model import FACE_MODEL_PATH
from training.fitting.mesh_registration import MESH_REGISTRATION_PATH

HELP = """
Find out which point of the face model each of MediaPipe's 468 mesh points is.

Made from photos with fits, none turned by more than 45 degrees nor held out: a mesh point becomes
the point of the facial mask that lies under it in all photos, on average. `face520-train fit` reads
the file that is written; the one for ICT FaceKit is shipped, so this is for other face models.
"""
# A mesh point wanders by 2 % of the face from photo to photo: the mean of 600 is good to 0.1 %.
PHOTO_COUNT = 600
LARGEST_YAW_DEG = 45


def register_mesh(
    photos: Annotated[Path, typer.Option("--photos", metavar="ZIP", help="Zip of face photos.")],
    fits: Annotated[Path, typer.Option("--fits", metavar="NPZ", help="Their fits.")],
    face_model: Annotated[
        Path, typer.Option("--face-model", metavar="NPZ", help="Morphable model (ICT FaceKit).")
    ] = FACE_MODEL_PATH,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="JSON", help="Registration to write.")
    ] = MESH_REGISTRATION_PATH,
) -> None:
    """The command; `HELP` is what a person reads."""
    from edge_runtime.crop import Box, CropRegion
    from training.errors import FaceModelError
    from training.face.face_model import FaceModel
    from training.fitting.face_mesh import FaceMeshFinder
    from training.fitting.fitted_photos import FittedPhotos, landmark_warp
    from training.fitting.mesh_registration import register

    model, fitted = FaceModel.load(face_model), FittedPhotos.load(photos, fits)
    near_frontal = ~fitted.held_out & (np.abs(fitted.yaw_deg) < LARGEST_YAW_DEG)
    usable = np.flatnonzero(near_frontal)
    chosen = usable[:: max(len(usable) // PHOTO_COUNT, 1)][:PHOTO_COUNT]
    warp = landmark_warp(model)
    masks, landmarks, meshes = [], [], []
    with FaceMeshFinder() as finder, progress_bar() as progress:
        task = progress.add_task("photos", total=len(chosen))
        for index, image in zip(chosen, fitted.images(chosen.tolist())):
            face = fitted.vertices(model, [index])[0] + warp @ fitted.residual68[index]
            landmarks68 = model.landmarks68(face)
            box = Box.around(landmarks68)
            region = CropRegion(*box.center, side_px=2 * max(box.width, box.height))
            mesh = finder.mesh_in(image, region)
            if mesh is not None:
                masks.append(face[: model.mask_vertex_count])
                landmarks.append(landmarks68)
                meshes.append(mesh)
            progress.advance(task)
    if not meshes:
        raise FaceModelError(
            f"{photos}: MediaPipe finds no face in {len(chosen)} photos turned by less than "
            f"{LARGEST_YAW_DEG} degrees. Give photos of faces with their own fits."
        )
    registration = register(model, np.stack(masks), np.stack(landmarks), np.stack(meshes))
    registration.write(output)
    spread_percent = 100 * registration.spread
    out.print(
        f"{len(registration.points)} mesh points registered on {len(meshes)} of {len(chosen)} "
        f"photos; they wander by {np.median(spread_percent):.1f} % of the face (median, "
        f"{spread_percent.max():.1f} % at most)"
    )
    out.print(str(output), style="green")
