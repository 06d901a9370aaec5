"""A model behind the runtime's own detector: which annotated faces it finds, and how exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime import FaceLandmarker
from edge_runtime.arrays import BoolArray, Float64Array, FloatArray
from edge_runtime.crop import CropRegion
from training.evaluation.aflw2000 import AnnotatedFace
from training.nme_scores import NmeScores, auc_percent, failure_percent, in_yaw_bins

# A face that the detector finds elsewhere in the picture is a miss: its centre must lie within half
# a side of the true box's square.
SAME_FACE = 0.5
MISSED_NME_PERCENT = 100.0


@dataclass(frozen=True, eq=False)
class EndToEnd:
    """Of F annotated faces: which were found, and the scores of those alone.

    A miss enters no mean; in the area under the curve and the failure rate its NME is 100 %.
    """

    yaw_deg: Float64Array  # (F,)
    is_found: BoolArray  # (F,)
    found: NmeScores

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
        }


def evaluate_end_to_end(faces: Iterable[AnnotatedFace], model: Path) -> EndToEnd:
    """Run the detector and a .tflite model on whole photos, one thread.

    Raises ModelFileError for a model that the runtime does not take.
    """
    with FaceLandmarker.create(model, num_threads=1) as landmarker:
        pairs = [(face, find_face(landmarker, face)) for face in faces]
    found = [(face, points) for face, points in pairs if points is not None]
    yaw_deg = np.array([face.yaw_deg for face, _ in pairs])
    is_found = np.array([points is not None for _, points in pairs])
    predicted = np.array([points for _, points in found], np.float32).reshape(-1, 68, 3)
    truth = np.array([face.landmarks68 for face, _ in found], np.float32).reshape(-1, 68, 3)
    return EndToEnd(yaw_deg, is_found, NmeScores.of(yaw_deg[is_found], predicted, truth))


def find_face(landmarker: FaceLandmarker, face: AnnotatedFace) -> FloatArray | None:
    """The 68 landmarks (68, 3) of the surest face found where the annotated one is, or None."""
    true_region = CropRegion.around_landmarks(face.landmarks68)
    for one in landmarker.detect(face.image()):
        region = CropRegion.around_landmarks(one.ibug68)
        distance = np.hypot(
            region.center_x - true_region.center_x, region.center_y - true_region.center_y
        )
        if distance < SAME_FACE * true_region.side_px:
            return one.ibug68
    return None
