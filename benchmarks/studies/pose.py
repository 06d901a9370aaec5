"""`python -m benchmarks.studies.pose DIR`: head pose against the labels of AFLW2000-3D.

DIR holds `names.txt`, `NAME.jpg` and `NAME.mat` with `pt3d_68` (3, 68) and `Pose_Para` (1, 7):
pitch, yaw and roll in rad. Crops come from the labels' 68 points, as in the landmark protocol.
Labels past 99 degrees are left out, as is usual. The .mat files are read with scipy.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.studies.study import print_study
from edge_runtime.arrays import Float64Array
from edge_runtime.crop import CropRegion
from edge_runtime.errors import Face520Error, ResultFileError
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.image_file import read_image
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.pose import rotation_of_pose

LABEL_LIMIT_DEG = 99.0
ANGLES = ("yaw", "pitch", "roll")
# From the image's frame (y down, z away) to the labels' (y up, z toward the viewer) and back.
UPRIGHT = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True)
class PoseErrors:
    """Found minus labelled yaw, pitch, roll (N, 3) in degrees."""

    differences_deg: Float64Array

    @property
    def mae_deg(self) -> Float64Array:
        """Mean absolute error (3,)."""
        return np.asarray(np.abs(self.differences_deg).mean(axis=0))

    @property
    def offset_deg(self) -> Float64Array:
        """Median difference (3,): what the two define as looking straight ahead."""
        return np.asarray(np.median(self.differences_deg, axis=0))

    @property
    def mae_without_offset_deg(self) -> Float64Array:
        """Mean absolute error (3,) once both agree on straight ahead."""
        return np.asarray(np.abs(self.differences_deg - self.offset_deg).mean(axis=0))


def measure(folder: Path) -> PoseErrors:
    """Run the bundled model on a folder. Raises Face520Error."""
    try:
        scipy_io = importlib.import_module("scipy.io")
    except ImportError as error:
        raise Face520Error("The .mat files are read with scipy: pip install scipy") from error
    names_file = folder / "names.txt"
    if not names_file.is_file():
        raise ResultFileError(f"{names_file}: no such file. Give a folder of AFLW2000-3D photos.")
    rows = []
    with FaceLandmarker.create(MODEL_PATH, num_threads=1) as landmarker:
        for name in names_file.read_text().split():
            stored = scipy_io.loadmat((folder / name).with_suffix(".mat"))
            label = np.degrees(stored["Pose_Para"][0, [1, 0, 2]])
            if np.abs(label).max() > LABEL_LIMIT_DEG:
                continue
            region = CropRegion.around_landmarks(stored["pt3d_68"].T.astype(np.float32))
            image = read_image((folder / name).with_suffix(".jpg"))
            pose = landmarker.landmarks_in(image, region).pose
            rows.append(angles_of_labels(rotation_of_pose(pose)) - label)
    return PoseErrors(np.array(rows))


def angles_of_labels(rotation: Float64Array) -> Float64Array:
    """Yaw, pitch, roll (3,) in degrees, as 300W-LP defines them, of a rotation (3, 3) of ours.

    There, R = X(pitch) Y(yaw) Z(roll), each the transpose of the usual matrix.
    """
    r = UPRIGHT @ rotation @ UPRIGHT
    yaw = np.arcsin(np.clip(-r[0, 2], -1, 1))
    return np.degrees([yaw, np.arctan2(r[1, 2], r[2, 2]), np.arctan2(r[0, 1], r[0, 0])])


def lines(folder: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    errors = measure(folder)
    title = f"{len(errors.differences_deg)} photos, degrees"
    yield f"{title:20}" + "".join(f"{name:>7}" for name in (*ANGLES, "mean"))
    for name, values in (
        ("mean absolute error", errors.mae_deg),
        ("median difference", errors.offset_deg),
        ("error without it", errors.mae_without_offset_deg),
    ):
        yield f"{name:20}" + "".join(f"{value:7.2f}" for value in (*values, values.mean()))


if __name__ == "__main__":
    print_study("benchmarks.studies.pose DIR", lines)
