"""`python -m benchmarks.studies.detection_square DATA [FILE]`: squares from a detector's keypoints.

DATA holds `face_model.npz`, `faces.zip` and `fits.npz`. Photos, as many of each yaw range, are set
into larger pictures, upright and turned, and searched. The weights of
`edge_runtime.detection.detection_square` are fitted to the true squares. How exact they are is
measured on faces left out of the fit (five folds, both pictures of a face in one), and beside it
the rule that knows the box alone. With FILE, the weights from all faces are written to it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.studies.study import fitted_photos, in_plane_roll_deg, square_offset
from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from edge_runtime.atomic_file import write_whole
from edge_runtime.crop import Box, CropRegion
from edge_runtime.detection.blazeface import BlazeFace
from edge_runtime.detection.detection_square import FacePlace, SquareWeights
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.errors import Face520Error
from edge_runtime.native_stderr import stderr_of_libraries_closed
from training.nme import YAW_BINS_DEG

PHOTOS_OF_A_RANGE = 1000
FOLDS = 5
SMALL_WEIGHTS, STEPS = 1e-3, 8  # ridge, in parts of each term's variance; of the regression
FACE_SHARES = (0.2, 0.65)  # of the picture's side
TURNED_BY_DEG = 25.0  # standard deviation
FOUND_WITHIN = 0.5  # of a side, between the true square's centre and the box's


@dataclass(frozen=True, eq=False)
class DetectedFace:
    """A detection in a picture, with the true square."""

    photo: int
    yaw_deg: float
    detection: FaceDetection
    true: CropRegion


def detected_faces(data: Path) -> tuple[list[DetectedFace], int]:
    """Faces found in pictures made from training photos, and how many were not found.

    Raises Face520Error.
    """
    photos, face_model = fitted_photos(data)
    rng = np.random.default_rng(520)
    yaws_deg = np.abs(photos.yaw_deg)
    chosen: list[int] = []
    for low, high in YAW_BINS_DEG:
        inside = np.flatnonzero(~photos.held_out & (yaws_deg >= low) & (yaws_deg <= high))
        count = min(PHOTOS_OF_A_RANGE, len(inside))
        chosen += rng.choice(inside, count, replace=False).tolist()
    detector, found, missed = BlazeFace(), [], 0
    for index, image in zip(chosen, photos.images(chosen)):
        truth = photos.landmarks68(face_model, [index])[0]
        roll_deg = in_plane_roll_deg(photos, index)
        for turn_deg in (0.0, float(rng.normal(0, TURNED_BY_DEG))):
            picture, matrix = set_into_picture(image, truth, turn_deg, rng)
            moved = truth[:, :2] @ matrix[:, :2].T + matrix[:, 2]
            true = CropRegion.around_landmarks(moved, roll_deg + turn_deg)
            detection = _detection_of(true, detector.detect(picture))
            if detection is None:
                missed += 1
            else:
                yaw_deg = float(photos.yaw_deg[index])
                found.append(DetectedFace(index, yaw_deg, detection, true))
    return found, missed


def set_into_picture(
    image: Uint8Image, truth: FloatArray, turn_deg: float, rng: np.random.Generator
) -> tuple[Uint8Image, FloatArray]:
    """A square picture, its border that of the photo drawn out; the affine (2, 3) of points."""
    box = Box.around(truth)
    side = round(max(box.width, box.height) / rng.uniform(*FACE_SHARES))
    matrix = cv2.getRotationMatrix2D(box.center, -turn_deg, 1)
    margin = min(0.75 * max(box.width, box.height), side / 2)
    matrix[:, 2] = matrix[:, 2] + rng.uniform(margin, side - margin, 2) - box.center
    picture = cv2.warpAffine(image, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(picture, np.uint8), matrix.astype(np.float32)


def _detection_of(true: CropRegion, detections: Iterable[FaceDetection]) -> FaceDetection | None:
    for detection in detections:
        x, y = detection.box.center
        if np.hypot(x - true.center_x, y - true.center_y) < FOUND_WITHIN * true.side_px:
            return detection
    return None


def fitted_weights(faces: Iterable[DetectedFace]) -> SquareWeights:
    """The weights for these faces; large errors count by their size, not by its square."""
    places = [(FacePlace.of(face.detection), face.true) for face in faces]
    known = [(place, place.answers(true)) for place, true in places if place is not None]
    odd, even = (np.array([getattr(place, kind) for place, _ in known]) for kind in ("odd", "even"))
    along, down, log_side, roll_deg = np.array([answer for _, answer in known]).T
    return SquareWeights(
        along=_regression(odd, along),
        roll_deg=_regression(odd, roll_deg),
        down=_regression(even, down),
        log_side=_regression(even, log_side),
    )


def _regression(terms: Float64Array, answers: Float64Array) -> Float64Array:
    """Weights (T,) with which terms (N, T) give answers (N,), kept small; far answers count less.

    Iteratively reweighted least squares with the weights of a soft L1 loss.
    """
    keep_small = SMALL_WEIGHTS * len(terms) * np.diag(terms.var(axis=0))
    share = np.ones(len(terms))
    for _ in range(STEPS):
        weighted = terms * share[:, None]
        weights = np.linalg.solve(weighted.T @ terms + keep_small, weighted.T @ answers)
        error = terms @ weights - answers
        spread = max(1.4826 * float(np.median(np.abs(error))), 1e-9)
        share = 1 / np.sqrt(1 + (error / spread) ** 2)
    return np.asarray(weights, np.float64)


def write_weights(weights: SquareWeights, path: Path) -> None:
    """Write the file that `SquareWeights.read` reads. Raises OutputWriteError."""
    rounded = {name: np.round(values, 4).tolist() for name, values in asdict(weights).items()}
    lines = ",\n".join(f'"{name}": {json.dumps(values)}' for name, values in rounded.items())
    write_whole(path, f"{{\n{lines}\n}}\n".encode())


def errors(squares: Iterable[CropRegion], faces: Iterable[DetectedFace]) -> Float64Array:
    """`square_offset` of each: (N, 4)."""
    return np.array([square_offset(square, face.true) for square, face in zip(squares, faces)])


def cross_validated(faces: list[DetectedFace]) -> Float64Array:
    """Errors (N, 4) of faces that the weights were not fitted to."""
    folds = np.array([face.photo % FOLDS for face in faces])
    found = np.zeros((len(faces), 4))
    for fold in range(FOLDS):
        weights = fitted_weights(face for face, own in zip(faces, folds) if own != fold)
        inside = [face for face, own in zip(faces, folds) if own == fold]
        found[folds == fold] = errors([_square(face.detection, weights) for face in inside], inside)
    return found


def _square(detection: FaceDetection, weights: SquareWeights) -> CropRegion:
    place = FacePlace.of(detection)
    return CropRegion.around_detection(detection.box) if place is None else place.square(weights)


def report(faces: list[DetectedFace]) -> Iterator[str]:
    """Root mean squares and, of 99 in 100 faces, the largest errors."""
    yaws_deg = np.abs([face.yaw_deg for face in faces])
    of_box = errors([CropRegion.around_detection(face.detection.box) for face in faces], faces)
    learned = cross_validated(faces)
    yield "root mean square of shift x and y, log side, roll in degrees; 99 in 100 faces within"
    for low, high in YAW_BINS_DEG:
        inside = (yaws_deg >= low) & (yaws_deg <= high)
        for name, found in (("of box", of_box), ("learned", learned)):
            mean = np.sqrt((found[inside] ** 2).mean(axis=0))
            far = np.percentile(np.abs(found[inside]), 99, axis=0)
            yield (
                f"{low:2}-{high}  {inside.sum():6}  {name:8}"
                f"  {mean[0]:6.3f} {mean[1]:6.3f} {mean[2]:6.3f} {mean[3]:6.1f}"
                f"      {far[0]:6.3f} {far[1]:6.3f} {far[2]:6.3f} {far[3]:6.1f}"
            )


def main() -> None:
    """Print the table, write the weights; exit 2 where nothing can be measured."""
    if len(sys.argv) not in (2, 3):
        sys.exit("Usage: python -m benchmarks.studies.detection_square DATA [FILE]")
    try:
        with stderr_of_libraries_closed():
            faces, missed = detected_faces(Path(sys.argv[1]))
        print(f"{len(faces)} faces found, {missed} not")
        print("\n".join(report(faces)))
        if len(sys.argv) == 3:
            write_weights(fitted_weights(faces), Path(sys.argv[2]))
    except Face520Error as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
