"""`python -m benchmarks.studies.labels.reliability DATASET`: the most that eyes and lips can score.

DATASET is one that `face520-train dataset build` made. People place lids a px off, on faces of 85
px, and a model that saw every lid as it is would not agree with them either. How far it would is
told by two models that err apart: of three measures of one thing, whose errors have nothing to do
with each other, the part r1 * r2 / r12 of a label's variance is the thing itself (C. Spearman,
1904, The proof and measurement of association between two things), r1 and r2 the models'
correlations with the label and r12 that with each other. No model correlates more than its square
root, and that part itself is the slope of the regression of the thing on the label: a model that
saw every lid as it is would have it, and a larger slope exaggerates. Where the two models err
alike, both are too low: they see the same photo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.studies.labels.openings import FRONTAL_DEG
from benchmarks.studies.study import print_study
from edge_runtime.arrays import Float64Array
from edge_runtime.network.bundled_model import bundled_models
from training.dataset.dataset import Dataset
from training.dataset.records import FaceRecord, LabelSource
from training.errors import DatasetError
from training.evaluation.evaluate import landmarks68_in_true_squares
from training.evaluation.openness import FEWEST_FACES, ImageOpenings
from training.run.scored_model import ScoredModel

OURS, OTHER = ("main_float16", "small_int8"), "mediapipe-attention"
RESAMPLINGS = 2000


@dataclass(frozen=True)
class Reliability:
    """How labels and two models of F faces correlate, and what follows for the labels."""

    of_first: float
    of_second: float
    between: float

    @classmethod
    def of(cls, label: Float64Array, first: Float64Array, second: Float64Array) -> Reliability:
        """Of values (F,) each."""
        with np.errstate(invalid="ignore"):  # of faces that are all alike
            among = np.corrcoef([label, first, second])
        return cls(float(among[0, 1]), float(among[0, 2]), float(among[1, 2]))

    @property
    def most(self) -> float:
        """The correlation with the labels of a model without errors; NaN where they say nothing."""
        square = self.of_first * self.of_second / self.between if self.between else float("nan")
        return float(np.sqrt(square)) if square >= 0 else float("nan")

    @property
    def true_slope(self) -> float:
        """The slope on the labels of a model without errors."""
        return self.most**2


def interval(label: Float64Array, first: Float64Array, second: Float64Array) -> tuple[float, float]:
    """Where `most` lies for 95 % of other such sets of faces, by drawing from these anew."""
    drawn = np.random.default_rng(0).integers(0, len(label), (RESAMPLINGS, len(label)))
    mosts = [Reliability.of(label[one], first[one], second[one]).most for one in drawn]
    low, high = np.nanpercentile(mosts, (2.5, 97.5))
    return float(low), float(high)


def frontal_faces(folder: Path) -> list[FaceRecord]:
    """Held-out faces whose lids and lips people placed. Raises DatasetError."""
    dataset = Dataset.open(folder)
    by_people = (one for one in dataset.split("val") if one.label_source is LabelSource.PEOPLE)
    faces = [face for face in by_people if abs(face.yaw_deg) < FRONTAL_DEG]
    if len(faces) < FEWEST_FACES:
        raise DatasetError(
            f"{folder}: people placed the lids of {len(faces)} of its held-out faces. Build it of "
            "photos with labels version 2."
        )
    return faces


def openings(model: ScoredModel, faces: Sequence[FaceRecord]) -> ImageOpenings:
    """Of F faces in their true squares; NaN where the model finds none."""
    side_px, over_crop = model.input_size_px, model.square_over_crop
    return ImageOpenings.of(landmarks68_in_true_squares(faces, model.landmarks, side_px, over_crop))


def lines(folder: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    faces = frontal_faces(folder)
    label = ImageOpenings.of(np.stack([face.landmarks68 for face in faces]))
    theirs = openings(ScoredModel.open(Path(OTHER)), faces)
    yield f"{'':22}{'model':>8}{OTHER:>22}{'each other':>12}{'at most':>9}{'95 %':>16}{'slope':>8}"
    for name in OURS:
        ours = openings(ScoredModel.open(bundled_models()[name]), faces)
        for part in ("eyes", "mouth"):
            measures = np.stack([getattr(one, part) for one in (label, ours, theirs)])
            measures = measures[:, np.isfinite(measures).all(axis=0)]
            found, (low, high) = Reliability.of(*measures), interval(*measures)
            yield (
                f"{name + ', ' + part:22}{found.of_first:8.3f}{found.of_second:22.3f}"
                f"{found.between:12.3f}{found.most:9.3f}{low:10.3f}-{high:.3f}"
                f"{found.true_slope:8.3f}"
            )
    yield f"{measures.shape[1]} faces with yaw below {FRONTAL_DEG:.0f} degrees"


if __name__ == "__main__":
    print_study("benchmarks.studies.labels.reliability DATASET", lines)
