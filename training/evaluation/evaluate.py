"""NME by the AFLW2000-3D protocol: crops from the true boxes, three yaw bins, their mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import BoolArray, Float64Array, FloatArray, Uint8Image
from edge_runtime.crop import CropRegion, from_crop_units
from edge_runtime.layout import IBUG68_COUNT
from training.errors import EvaluationError
from training.evaluation.aflw2000 import AnnotatedFace
from training.nme import NmeScores
from training.run.scored_model import Predictor

BATCH = 50


class LandmarkedPhoto(Protocol):
    """A photo whose 68 landmarks (68, 2 or 3), in its px, somebody placed."""

    @property
    def landmarks68(self) -> FloatArray: ...

    def image(self) -> Uint8Image: ...


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The 68 landmarks (F, 68, 3) predicted for F annotated faces, in px of their photos.

    missed: faces in whose true square the model found none; they are not among the F.
    """

    faces: tuple[AnnotatedFace, ...]
    predicted68: FloatArray
    missed: int = 0

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


def evaluate(
    faces: Iterable[AnnotatedFace], predict: Predictor, size_px: int, square_over_crop: float = 1
) -> Evaluation:
    """Run a predictor on annotated faces, cropped by their true 68-point boxes.

    square_over_crop: as `ScoredModel` has it. Raises EvaluationError.
    """
    faces = tuple(faces)
    predicted68 = landmarks68_in_true_squares(faces, predict, size_px, square_over_crop)
    is_found = found_faces(predicted68)
    found = tuple(compress(faces, is_found))
    return Evaluation(found, predicted68[is_found], len(faces) - len(found))


def landmarks68_in_true_squares(
    photos: Sequence[LandmarkedPhoto], predict: Predictor, size_px: int, square_over_crop: float
) -> FloatArray:
    """Predicted landmarks of F photos' faces in their true squares: (F, 68, 3) in px of the
    photos, NaN where a model that looks for a face itself finds none.
    """
    regions = [
        CropRegion.around_landmarks(photo.landmarks68).scaled(square_over_crop) for photo in photos
    ]
    crops = [region.extract(photo.image(), size_px) for region, photo in zip(regions, photos)]
    return landmarks68_in_photos(predict, crops, regions)


def found_faces(predicted68: FloatArray) -> BoolArray:
    """Which faces (F,) have landmarks (F, 68, 3); raises EvaluationError where none has."""
    is_found: BoolArray = np.isfinite(predicted68).all(axis=(1, 2))
    if not is_found.any():
        raise EvaluationError(
            f"The model finds a face in none of {len(predicted68)} true squares; there is nothing "
            "to score. Look at the photos and their annotations."
        )
    return is_found


def landmarks68_in_photos(
    predict: Predictor, crops: Sequence[NDArray[Any]], regions: Sequence[CropRegion]
) -> FloatArray:
    """Predicted landmarks of crops (S, S, 3) of these regions: (F, 68, 3) in px of the photos."""
    size_px = len(crops[0])
    predicted68 = in_batches(predict, crops)[:, :IBUG68_COUNT]
    in_crop_px = from_crop_units(predicted68, size_px)
    return np.stack([region.to_image(one, size_px) for region, one in zip(regions, in_crop_px)])


def in_batches(predict: Predictor, crops: Sequence[NDArray[Any]]) -> FloatArray:
    """A predictor's answers (F, ...) to crops (S, S, 3), a few at a time."""
    starts = range(0, len(crops), BATCH)
    return np.concatenate([predict(np.stack(crops[at : at + BATCH])) for at in starts])
