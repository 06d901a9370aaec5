"""A model behind the runtime's own detector: which annotated faces it finds, and how exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime import FaceLandmarker
from edge_runtime.arrays import BoolArray, Float64Array, FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.layout import IBUG68_COUNT
from training.evaluation.aflw2000 import AnnotatedFace
from training.evaluation.evaluate import LandmarkedPhoto
from training.nme import NmeScores, auc_percent, failure_percent, in_yaw_bins
from training.run.scored_model import MEDIAPIPE_MESHES

# A face that the detector finds elsewhere in the picture is a miss: its centre must lie within half
# a side of the true box's square, and its own side be at least half of that one and at most twice
# it. In AFLW2000-3D somebody is mirrored in sunglasses that fill the true box.
SAME_FACE, SAME_SIZE = 0.5, 2.0
MISSED_NME_PERCENT = 100.0

# An RGB photo (H, W, 3) to the landmarks (68, 3), in px, of every face, in the runtime's order.
FaceFinder = Callable[[Uint8Image], list[FloatArray]]


@dataclass(frozen=True, eq=False)
class EndToEnd:
    """Of F annotated faces: which were found, and the scores of those alone.

    A miss enters no mean; in the area under the curve and the failure rate its NME is 100 %.

    reannotated: the same answers against the labels placed anew, see
    `Evaluation.reannotated_scores`.
    """

    yaw_deg: Float64Array  # (F,)
    is_found: BoolArray  # (F,)
    found: NmeScores
    reannotated: EndToEnd | None = None

    @property
    def missed(self) -> int:
        return int((~self.is_found).sum())

    @property
    def missed_in_bins(self) -> tuple[int, ...]:
        """Misses of each |yaw| range."""
        return tuple(int((~self.is_found & inside).sum()) for inside in in_yaw_bins(self.yaw_deg))

    @property
    def nme_percent(self) -> Float64Array:
        """NME (F,) of each face; where it was missed, `MISSED_NME_PERCENT`."""
        every = np.full(len(self.yaw_deg), MISSED_NME_PERCENT)
        every[self.is_found] = self.found.nme_percent
        return every

    @property
    def auc_percent(self) -> float:
        """Of all F faces."""
        return auc_percent(self.nme_percent)

    @property
    def failure_percent(self) -> float:
        """Of all F faces."""
        return failure_percent(self.nme_percent)

    def to_json(self) -> dict[str, Any]:
        """The sums; `nme_percent` is the mean of bins over the faces that were found."""
        return {
            "missed": self.missed,
            "missed_in_bins": list(self.missed_in_bins),
            "auc_percent": self.auc_percent,
            "failure_percent": self.failure_percent,
            "found": self.found.to_json() if len(self.found) else None,
            "reannotated": None if self.reannotated is None else self.reannotated.to_json(),
        }


def evaluate_end_to_end(faces: Iterable[AnnotatedFace], model: Path) -> EndToEnd:
    """Run the detector and a .tflite model, or MediaPipe's mesh by its name, on whole photos.

    Raises ModelFileError for a model that the runtime does not take.
    """
    faces = tuple(faces)
    predicted68 = landmarks68_end_to_end(faces, model)
    is_found = np.isfinite(predicted68).all(axis=(1, 2))
    yaw_deg = np.array([face.yaw_deg for face in faces])

    def against(labels: list[FloatArray], again: EndToEnd | None) -> EndToEnd:
        truth = np.stack(labels)[is_found]
        found = NmeScores.of(yaw_deg[is_found], predicted68[is_found], truth)
        return EndToEnd(yaw_deg, is_found, found, again)

    again = [face.reannotated68 for face in faces if face.reannotated68 is not None]
    reannotated = against(again, None) if len(again) == len(faces) else None
    return against([face.landmarks68 for face in faces], reannotated)


def landmarks68_end_to_end(photos: Sequence[LandmarkedPhoto], model: Path) -> FloatArray:
    """The landmarks (F, 68, 3) found in whole photos where somebody placed a face; NaN is a miss.

    model: as for `evaluate_end_to_end`.
    """
    with face_finder(model) as find_all:
        found = [find_face(find_all, photo.image(), photo.landmarks68) for photo in photos]
    missed = np.full((IBUG68_COUNT, 3), np.nan, np.float32)
    return np.stack([missed if points is None else points for points in found])


@contextmanager
def face_finder(model: Path) -> Iterator[FaceFinder]:
    """What finds faces in whole photos, in one thread, while the context is open."""
    if str(model) in MEDIAPIPE_MESHES:
        from training.run.mediapipe_mesh import MediaPipeMesh

        yield MediaPipeMesh(MEDIAPIPE_MESHES[str(model)]).in_photo
        return
    with FaceLandmarker.create(model, num_threads=1) as landmarker:
        yield lambda image: [face.ibug68 for face in landmarker.detect(image)]


def find_face(
    find_all: FaceFinder, image: Uint8Image, landmarks68: FloatArray
) -> FloatArray | None:
    """The landmarks (68, 3) of the first face found where the annotated one is, or None."""
    true_region = CropRegion.around_landmarks(landmarks68)
    for points in find_all(image):
        region = CropRegion.around_landmarks(points)
        distance = np.hypot(
            region.center_x - true_region.center_x, region.center_y - true_region.center_y
        )
        ratio = region.side_px / true_region.side_px
        if distance < SAME_FACE * true_region.side_px and 1 / SAME_SIZE < ratio < SAME_SIZE:
            return points
    return None
