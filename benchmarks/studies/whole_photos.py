"""`python -m benchmarks.studies.whole_photos DATA [MODEL]`: what it costs not to know the box.

DATA holds `face_model.npz`, `faces.zip` and `fits.npz`. Photos held out of training are set into
larger pictures. The landmarks of the runtime behind its own detector, against those of one look
into the square of the labels' own box: NME by yaw, and faces missed. What the runtime does with a
detection is chosen here, on faces that nothing was trained on, and not on a benchmark's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from benchmarks.studies.detection_square import set_into_picture
from benchmarks.studies.study import fitted_photos
from edge_runtime.arrays import BoolArray, Float64Array, FloatArray, Uint8Image
from edge_runtime.crop import Box, CropRegion
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarker import FaceLandmarker, FaceLandmarkerOptions
from edge_runtime.layout import IBUG68_COUNT
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.bundled_model import MODEL_PATH
from training.evaluation.end_to_end import find_face
from training.nme import YAW_BINS_DEG, in_yaw_bins, nme_percent

# Frames of one clip lie on both sides of the split.
NOT_OF_CLIPS = "lp"
EVERY_FIFTH, CUT_SIDE_PX = 5, 300
# What the picture holds beyond the face's box, in parts of it: left, above, right, below.
CUTS = {
    "fills the picture": (0.03, 0.03, 0.03, 0.03),
    "cut all around by 12 %": (-0.12, -0.12, -0.12, -0.12),
    "cut above by 25 %": (0.25, -0.25, 0.25, 0.25),
    "cut below by 25 %": (0.25, 0.25, 0.25, -0.25),
    "cut below by 40 %": (0.25, 0.25, 0.25, -0.4),
    "cut on the left by 25 %": (-0.25, 0.25, 0.25, 0.25),
    "cut on the right by 40 %": (0.25, 0.25, -0.4, 0.25),
}
NO_SEARCH_PX = 1e6  # as the width of the smallest face: one face a picture is known to be large


@dataclass(frozen=True, eq=False)
class WholePhotos:
    """Of F faces: yaw, NME in percent from the true square and of the runtime, NaN where missed."""

    yaw_deg: Float64Array
    of_true_square: Float64Array
    of_runtime: Float64Array

    @property
    def is_missed(self) -> BoolArray:
        return np.isnan(self.of_runtime)


def pictures(data: Path) -> Iterator[tuple[float, Uint8Image, FloatArray]]:
    """Yaw, a picture (H, W, 3), the face's landmarks (68, 2) in it. Raises Face520Error."""
    photos, face_model = fitted_photos(data)
    is_of_clip = np.char.startswith(np.array(photos.names, str), NOT_OF_CLIPS)
    chosen = np.flatnonzero(photos.held_out & ~is_of_clip).tolist()
    for index, image in zip(chosen, photos.images(chosen)):
        truth = photos.landmarks68(face_model, [index])[0]
        picture, matrix = set_into_picture(image, truth, 0.0, np.random.default_rng((5, index)))
        yield float(photos.yaw_deg[index]), picture, truth[:, :2] @ matrix[:, :2].T + matrix[:, 2]


def measure(data: Path, model: Path = MODEL_PATH) -> WholePhotos:
    """Run a model on the pictures of a folder. Raises Face520Error."""
    rows = []
    with _landmarker(model) as landmarker:
        for yaw_deg, picture, truth in pictures(data):
            of_true = landmarker.landmarks_in(picture, CropRegion.around_landmarks(truth)).ibug68
            found = _found(landmarker, picture, truth)
            missed = np.full((IBUG68_COUNT, 2), np.nan)
            both = np.stack([of_true[:, :2], missed if found is None else found[:, :2]])
            rows.append((yaw_deg, *nme_percent(both, np.stack([truth, truth]))))
    return WholePhotos(*np.array(rows, np.float64).T)


def measure_cut(data: Path, model: Path = MODEL_PATH) -> dict[str, float]:
    """Share of the faces that are found, for each of CUTS. Raises Face520Error."""
    is_found: dict[str, list[bool]] = {name: [] for name in CUTS}
    with _landmarker(model) as landmarker:
        for _, picture, truth in islice(pictures(data), 0, None, EVERY_FIFTH):
            for name, beyond in CUTS.items():
                part, moved = cut(picture, truth, beyond)
                is_found[name].append(_found(landmarker, part, moved) is not None)
    return {name: float(np.mean(found)) for name, found in is_found.items()}


def _landmarker(model: Path) -> FaceLandmarker:
    return FaceLandmarker(
        FaceLandmarkerOptions(model=model, max_faces=1, smallest_face_px=NO_SEARCH_PX)
    )


def _found(landmarker: FaceLandmarker, image: Uint8Image, truth: FloatArray) -> FloatArray | None:
    return find_face(lambda one: [face.ibug68 for face in landmarker.detect(one)], image, truth)


def cut(
    picture: Uint8Image, truth: FloatArray, beyond: tuple[float, float, float, float]
) -> tuple[Uint8Image, FloatArray]:
    """What one of CUTS leaves of a picture (H, W, 3), enlarged, with its landmarks (68, 2)."""
    box, (height, width) = Box.around(truth), picture.shape[:2]
    left, top = (
        max(round(x), 0)
        for x in (box.left - beyond[0] * box.width, box.top - beyond[1] * box.height)
    )
    right = min(round(box.right + beyond[2] * box.width) + 1, width)
    bottom = min(round(box.bottom + beyond[3] * box.height) + 1, height)
    part = picture[top:bottom, left:right]
    scale = CUT_SIDE_PX / max(part.shape)
    resized = np.asarray(cv2.resize(part, None, fx=scale, fy=scale), np.uint8)
    moved = (truth - (left - 0.5, top - 0.5)) * scale - 0.5
    return resized, np.asarray(moved, np.float32)


def report(found: WholePhotos) -> Iterator[str]:
    """Lines of a table; the NME of both is that of the faces that the runtime finds."""
    yield "yaw     faces  missed  NME, % of: true square  the runtime  more"
    both = np.stack([found.of_true_square, found.of_runtime])
    means = []
    for (low, high), inside in zip(YAW_BINS_DEG, in_yaw_bins(found.yaw_deg)):
        true, own = both[:, inside & ~found.is_missed].mean(axis=1).tolist()
        means.append((true, own))
        missed = (inside & found.is_missed).sum()
        yield (
            f"{low:2}-{high:2}  {inside.sum():7}  {missed:6}  {true:22.3f}  {own:11.3f}"
            f"  {own - true:+.3f}"
        )
    true, own = np.mean(means, axis=0).tolist()
    yield f"mean of the ranges {true:27.3f}  {own:11.3f}  {own - true:+.3f}"


def main() -> None:
    """Print the table; exit 2 where nothing can be measured."""
    if len(sys.argv) not in (2, 3):
        sys.exit("Usage: python -m benchmarks.studies.whole_photos DATA [MODEL]")
    model = Path(sys.argv[2]) if len(sys.argv) == 3 else MODEL_PATH
    try:
        with stderr_of_libraries_closed():
            found = measure(Path(sys.argv[1]), model)
            found_cut = measure_cut(Path(sys.argv[1]), model)
    except Face520Error as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print("\n".join(report(found)))
    for name, share in found_cut.items():
        print(f"{name}: {share:.3f} found")


if __name__ == "__main__":
    main()
