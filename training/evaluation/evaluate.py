"""NME by the AFLW2000-3D protocol: crops from the true boxes, three yaw bins, their mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from edge_runtime.crop import CropRegion, from_crop_units
from edge_runtime.layout import IBUG68_COUNT
from training.evaluation.aflw2000 import AnnotatedFace
from training.nme_scores import NmeScores

BATCH = 50

# RGB crops (B, S, S, 3) uint8 to landmarks (B, N, 3) in crop units.
Predictor = Callable[[Uint8Image], FloatArray]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The 68 landmarks (F, 68, 3) predicted for F annotated faces, in px of their photos."""

    faces: tuple[AnnotatedFace, ...]
    predicted68: FloatArray

    @property
    def yaw_deg(self) -> Float64Array:
        """Labelled yaw (F,)."""
        return np.array([face.yaw_deg for face in self.faces])

    @cached_property
    def scores(self) -> NmeScores:
        """Against the original labels."""
        truth = np.stack([face.landmarks68 for face in self.faces])
        return NmeScores.of(self.yaw_deg, self.predicted68, truth)

    @cached_property
    def reannotated_scores(self) -> NmeScores | None:
        """The same predictions against the re-annotated labels, where every face has them.

        As published scores are taken: crops and yaw are those of the original labels, and the NME
        is normalised by the box of the labels that are compared with (3DDFA's benchmark code,
        github.com/cleardusk/3DDFA, benchmark_aflw2000.py).
        """
        truth = [face.reannotated68 for face in self.faces]
        if any(one is None for one in truth):
            return None
        return NmeScores.of(self.yaw_deg, self.predicted68, np.array(truth, np.float32))


def evaluate(faces: Iterable[AnnotatedFace], predict: Predictor, size_px: int) -> Evaluation:
    """Run a predictor on annotated faces, cropped by their true 68-point boxes."""
    faces = tuple(faces)
    regions = [CropRegion.around_landmarks(face.landmarks68) for face in faces]
    crops = [region.extract(face.image(), size_px) for region, face in zip(regions, faces)]
    return Evaluation(faces, landmarks68_in_photos(predict, crops, regions))


def landmarks68_in_photos(
    predict: Predictor, crops: Sequence[NDArray[Any]], regions: Sequence[CropRegion]
) -> FloatArray:
    """What a predictor says of crops (S, S, 3) of these regions: (F, 68, 3) in px of the photos."""
    size_px = len(crops[0])
    in_photos: list[FloatArray] = []
    for first in range(0, len(crops), BATCH):
        said = predict(np.stack(crops[first : first + BATCH]))[:, :IBUG68_COUNT]
        in_crop_px = from_crop_units(said, size_px)
        of_batch = zip(regions[first : first + BATCH], in_crop_px)
        in_photos += [region.to_image(one, size_px) for region, one in of_batch]
    return np.stack(in_photos)
