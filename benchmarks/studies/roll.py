"""`python -m benchmarks.studies.roll DIR`: faces at every roll, in photos and in video.

DIR holds upright photos with one face each. Each is turned by every angle; the truth is what is
found upright, turned along. A face is right when its 520 points lie within a tenth of the face's
size of it, on average. "first look" is what a single look, with its second pass, gives.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.detection.detection_square import square_around
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.files.input_files import input_files
from edge_runtime.image_file import read_image
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.tracking.face_track import region_around
from edge_runtime.tracking.plausibility import face_size_px

ROLLS_DEG = tuple(range(0, 360, 15))
RIGHT_WITHIN = 0.1
UPRIGHT_PRESENCE = 0.9
LONGEST_SIDE_PX = 900
RUNS_OF_A_SURE_FACE = 2


@dataclass
class RollRow:
    """Counts at one roll: photos, right ones by a first look, by `detect` and in a film's frame;
    wrong faces that `detect` kept; photos that took more than two runs a detection."""

    roll_deg: int
    photos: int = 0
    right_at_first: int = 0
    right: int = 0
    right_in_video: int = 0
    wrong: int = 0
    repeated: int = 0


@dataclass(frozen=True)
class RollStudy:
    """A row a roll, and the photos without a sure upright face, which are left out."""

    rows: list[RollRow]
    left_out: list[Path] = field(default_factory=list)


def turned_about_its_centre(image: Uint8Image, roll_deg: float) -> tuple[Uint8Image, FloatArray]:
    """The image (H, W, 3) turned clockwise on a larger canvas, and the affine (2, 3) of points."""
    height, width = image.shape[:2]
    side = int(np.hypot(height, width)) + 2
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -roll_deg, 1)
    matrix = matrix + np.array([[0, 0, (side - width) / 2], [0, 0, (side - height) / 2]])
    turned = cv2.warpAffine(image, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8), np.asarray(matrix, np.float32)


def measure(folder: Path, landmarker: FaceLandmarker) -> RollStudy:
    """Turn each photo of a folder. Raises Face520Error."""
    study = RollStudy([RollRow(roll_deg) for roll_deg in ROLLS_DEG])
    for path in input_files([folder]).images:
        image = _reduced(read_image(path))
        faces = landmarker.detect(image)
        if len(faces) != 1 or faces[0].presence < UPRIGHT_PRESENCE:
            study.left_out.append(path)
            continue
        for row in study.rows:
            turned, matrix = turned_about_its_centre(image, row.roll_deg)
            truth = faces[0].points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
            _count(row, turned, truth, landmarker)
    if not study.rows[0].photos:
        raise Face520Error(f"{folder}: no photo with one sure face. Give upright portraits.")
    return study


def _count(row: RollRow, image: Uint8Image, truth: FloatArray, landmarker: FaceLandmarker) -> None:
    row.photos += 1
    squares = _squares(image, landmarker)
    firsts = [_first_look(image, region, landmarker) for region in squares]
    row.right_at_first += any(_is_right(points, truth) for points in firsts)
    found = [face.points for face in landmarker.detect(image)]
    timings = landmarker.last_timings
    row.repeated += timings.invocations > RUNS_OF_A_SURE_FACE * max(len(firsts), 1)
    row.right += any(_is_right(points, truth) for points in found)
    row.wrong += sum(not _is_right(points, truth) for points in found)
    landmarker.reset_tracking()
    tracked = landmarker.track(image, 0.0)
    row.right_in_video += any(_is_right(face.points, truth) for face in tracked)


def _squares(image: Uint8Image, landmarker: FaceLandmarker) -> list[CropRegion]:
    return [square_around(one) for one in landmarker.detector.detect(image)]


def _first_look(image: Uint8Image, region: CropRegion, landmarker: FaceLandmarker) -> FloatArray:
    points = landmarker.landmarks_in(image, region).points
    return landmarker.landmarks_in(image, region_around(points)).points


def _is_right(points: FloatArray, truth: FloatArray) -> bool:
    distance = np.linalg.norm(points[:, :2] - truth, axis=1).mean()
    return bool(distance < RIGHT_WITHIN * face_size_px(truth))


def _reduced(image: Uint8Image) -> Uint8Image:
    scale = LONGEST_SIDE_PX / max(image.shape)
    if scale >= 1:
        return image
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def report(study: RollStudy) -> Iterator[str]:
    """Lines of a table."""
    yield "roll deg  photos  right: first look  detect  track  wrong faces kept  more than 2 runs"
    for row in study.rows:
        yield (
            f"{row.roll_deg:8}  {row.photos:6}  {row.right_at_first:17}  {row.right:6}"
            f"  {row.right_in_video:5}  {row.wrong:16}  {row.repeated:15}"
        )
    for path in study.left_out:
        yield f"left out, no sure upright face: {path}"


def main() -> None:
    """Print the table; exit 2 where nothing can be measured."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m benchmarks.studies.roll DIR")
    try:
        with stderr_of_libraries_closed():
            landmarker = FaceLandmarker.create(MODEL_PATH, num_threads=1)
        study = measure(Path(sys.argv[1]), landmarker)
    except Face520Error as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print("\n".join(report(study)))


if __name__ == "__main__":
    main()
