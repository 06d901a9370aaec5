"""Folders in AFLW2000-3D's own format: `imageNNNNN.jpg` with `imageNNNNN.mat` beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from edge_runtime.errors import Face520Error
from edge_runtime.image_reader import read_image


class Aflw2000Error(Face520Error):
    """A folder or a .mat file is not in AFLW2000-3D's format."""


@dataclass(frozen=True, eq=False)
class AnnotatedFace:
    """One image with its 68 landmarks (68, 3) in image px and its head yaw in degrees."""

    path: Path
    landmarks68: NDArray[np.float32]
    yaw_deg: float

    def image(self) -> NDArray[np.uint8]:
        """The RGB photo (H, W, 3)."""
        return read_image(self.path)


def read_folder(directory: Path) -> Iterator[AnnotatedFace]:
    """Every annotated image of the folder in the order of names; none is left out.

    Raises Aflw2000Error when the folder holds no image, or an image has no readable annotation.
    """
    paths = sorted(directory.glob("*.jpg"))
    if not paths:
        raise Aflw2000Error(
            f"{directory}: holds no .jpg. Give the folder of AFLW2000-3D, with a .mat beside each."
        )
    for path in paths:
        yield _read_annotation(path)


def _read_annotation(path: Path) -> AnnotatedFace:
    mat_path = path.with_suffix(".mat")
    if not mat_path.is_file():
        raise Aflw2000Error(f"{path}: has no annotation {mat_path.name} beside it.")
    try:
        stored = loadmat(mat_path, variable_names=["pt3d_68", "Pose_Para"])
        landmarks = np.asarray(stored["pt3d_68"], np.float32).T
        # Pose_Para holds pitch, yaw, roll in radians, then translation and scale.
        yaw_deg = float(np.degrees(stored["Pose_Para"][0, 1]))
    except (KeyError, ValueError, TypeError, NotImplementedError, IndexError) as error:
        raise Aflw2000Error(
            f"{mat_path}: not an AFLW2000-3D annotation ({error}); it must hold pt3d_68 (3, 68) "
            "and Pose_Para (1, 7)."
        ) from error
    if landmarks.shape != (68, 3):
        raise Aflw2000Error(f"{mat_path}: pt3d_68 is {landmarks.T.shape}, expected (3, 68).")
    return AnnotatedFace(path, landmarks, yaw_deg)
