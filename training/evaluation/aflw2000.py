"""Folders in AFLW2000-3D's own format: `imageNNNNN.jpg` with `imageNNNNN.mat` beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.image_file import read_image
from training.errors import EvaluationError
from training.mat_file import DAMAGED_MAT, no_number_in

REANNOTATED_FILE = "reannotated_pts68.npy"
NAMES_FILE = "names.txt"


@dataclass(frozen=True, eq=False)
class AnnotatedFace:
    """One image with its 68 landmarks (68, 3) in image px and its head yaw in degrees.

    reannotated68 (68, 2): the same landmarks placed anew by hand, in folders that hold them.
    """

    path: Path
    landmarks68: FloatArray
    yaw_deg: float
    reannotated68: FloatArray | None = None

    def image(self) -> Uint8Image:
        """The RGB photo (H, W, 3)."""
        return read_image(self.path)


def read_folder(directory: Path) -> Iterator[AnnotatedFace]:
    """Every annotated image of the folder in the order of names; none is left out.

    Raises EvaluationError when the folder holds no image, an image has no readable annotation, or
    the re-annotated labels do not belong to the images.
    """
    paths = sorted(directory.glob("*.jpg"))
    if not paths:
        raise EvaluationError(
            f"{directory}: holds no .jpg. Give the folder of AFLW2000-3D, with a .mat beside each, "
            "or one of 300W, with a .pts beside each photo."
        )
    reannotated = _read_reannotated(directory, [path.name for path in paths])
    for path in paths:
        landmarks, yaw_deg = _read_annotation(path)
        yield AnnotatedFace(path, landmarks, yaw_deg, reannotated.get(path.name))


def _read_annotation(path: Path) -> tuple[FloatArray, float]:
    """Landmarks (68, 3) and yaw in degrees."""
    mat_path = path.with_suffix(".mat")
    if not mat_path.is_file():
        raise EvaluationError(f"{path}: has no annotation {mat_path.name} beside it.")
    try:
        stored = loadmat(mat_path, variable_names=["pt3d_68", "Pose_Para"])
        landmarks = np.asarray(stored["pt3d_68"], np.float32).T
        pose = np.asarray(stored["Pose_Para"], np.float64)
        # Pose_Para holds pitch, yaw, roll in radians, then translation and scale.
        yaw_deg = float(np.degrees(pose[0, 1]))
    except (
        KeyError,
        ValueError,
        TypeError,
        NotImplementedError,
        IndexError,
        *DAMAGED_MAT,
    ) as error:
        raise EvaluationError(
            f"{mat_path}: not an AFLW2000-3D annotation ({error}); it must hold pt3d_68 (3, 68) "
            "and Pose_Para (1, 7)."
        ) from error
    if landmarks.shape != (68, 3):
        raise EvaluationError(f"{mat_path}: pt3d_68 is {landmarks.T.shape}, expected (3, 68).")
    for name, values in (("pt3d_68", landmarks.T), ("Pose_Para", pose)):
        if bad := no_number_in(name, values):
            raise EvaluationError(
                f"{mat_path}: {bad}. Get the file again: no image may be left out of the score."
            )
    return landmarks, yaw_deg


def _read_reannotated(directory: Path, images: list[str]) -> dict[str, FloatArray]:
    """Re-annotated landmarks (68, 2) by the image's name; empty where the folder has none."""
    path, names_path = directory / REANNOTATED_FILE, directory / NAMES_FILE
    if not path.is_file():
        return {}
    if not names_path.is_file():
        raise EvaluationError(
            f"{path}: {NAMES_FILE} is not beside it, which tells its order, one image a line."
        )
    try:
        points = np.load(path)
    except (OSError, ValueError, EOFError) as error:
        raise EvaluationError(f"{path}: not a readable .npy file ({error}).") from error
    names = names_path.read_text().split()
    if sorted(names) != images:
        differing = sorted(set(names) ^ set(images)) or ["a name twice"]
        raise EvaluationError(
            f"{names_path}: does not list the folder's images, each once: {differing[0]} for one "
            f"({len(names)} names, {len(images)} images)."
        )
    if points.shape != (len(names), 2, 68) or points.dtype.kind != "f":
        raise EvaluationError(
            f"{path}: is {points.dtype} {points.shape}, expected floats "
            f"({len(names)}, 2, 68), one row for each name in {NAMES_FILE}."
        )
    unknown = np.flatnonzero(~np.isfinite(points).all(axis=(1, 2)))
    if len(unknown):
        raise EvaluationError(
            f"{path}: landmarks of {names[unknown[0]]} are not numbers. Get the file again."
        )
    return dict(zip(names, points.swapaxes(1, 2).astype(np.float32)))
