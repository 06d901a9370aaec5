"""What studies share: each prints lines about a folder, `python -m benchmarks.studies.NAME DIR`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from math import atan2, degrees, log
from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.crop import CropRegion
from edge_runtime.errors import Face520Error
from edge_runtime.native_stderr import stderr_of_libraries_closed

if TYPE_CHECKING:
    from training.face.face_model import FaceModel
    from training.fitting.fitted_photos import FittedPhotos


# The photos of 300W have a margin around the face; those of AFLW are tight.
WITH_MARGIN = ("helen_", "lfpw_", "afw_")


def print_study(usage: str, lines: Callable[[Path], Iterable[str]]) -> None:
    """Print the lines of the folder that the command line names; exit 2 where there are none."""
    if len(sys.argv) != 2:
        sys.exit(f"Usage: python -m {usage}")
    try:
        with stderr_of_libraries_closed():
            for line in lines(Path(sys.argv[1])):
                print(line)
    except Face520Error as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def fitted_photos(data: Path) -> tuple[FittedPhotos, FaceModel]:
    """The photos of a folder with `faces.zip` and `fits.npz`, and its `face_model.npz`."""
    # Not every study has what training needs installed.
    from training.face.face_model import FaceModel
    from training.fitting.fitted_photos import FittedPhotos

    photos = FittedPhotos.load(data / "faces.zip", data / "fits.npz")
    return photos, FaceModel.load(data / "face_model.npz")


def in_plane_roll_deg(photos: FittedPhotos, index: int) -> float:
    """How far a fitted head is tilted in the picture plane, as `edge_runtime.pose` has it."""
    # The fit's frame has y up and z toward the viewer.
    across, up = photos.pose.rotation[index][0, 1], photos.pose.rotation[index][1, 1]
    return degrees(atan2(across, -up))


def square_offset(square: CropRegion, true: CropRegion) -> tuple[float, float, float, float]:
    """Shift along x and y in sides, log of the sides' ratio, roll in degrees."""
    return (
        (square.center_x - true.center_x) / true.side_px,
        (square.center_y - true.center_y) / true.side_px,
        log(square.side_px / true.side_px),
        (square.roll_deg - true.roll_deg + 180) % 360 - 180,
    )


def with_margin(photos: FittedPhotos) -> list[int]:
    """Photos with room around the face, for squares beside it or a turn in the picture plane."""
    return [index for index, name in enumerate(photos.names) if name.startswith(WITH_MARGIN)]
