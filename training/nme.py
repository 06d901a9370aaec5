"""Normalised mean error, the score of 68-point alignment: of a face, and summed up over many."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from edge_runtime.arrays import BoolArray, Float64Array, FloatArray
from training.ibug68 import GROUPS

# Upper ends of the |yaw| bins; the last is closed (arXiv:1511.07212, section 5).
YAW_BINS_DEG = ((0, 30), (30, 60), (60, 90))
# A face with a larger NME counts as failed; the curve's area is taken up to here.
FAILED_NME_PERCENT = 8.0


def nme_percent(predicted: FloatArray, truth: FloatArray) -> Float64Array:
    """NME (B,) of predicted (B, 68, 2 or 3) against truth (B, 68, 2 or 3), xy only.

    Mean distance over the points divided by sqrt(w * h) of the truth's tight box, the protocol of
    AFLW2000-3D (arXiv:1511.07212, section 5).
    """
    return np.asarray(landmark_errors_percent(predicted, truth).mean(axis=-1))


def landmark_errors_percent(predicted: FloatArray, truth: FloatArray) -> Float64Array:
    """The terms (B, 68) whose mean is the NME: each landmark's distance over the box's size."""
    truth_xy, predicted_xy = truth[..., :2].astype(np.float64), predicted[..., :2]
    distance = np.linalg.norm(predicted_xy - truth_xy, axis=-1)
    size = np.sqrt(np.prod(np.ptp(truth_xy, axis=-2), axis=-1))
    return np.asarray(distance / size[..., None] * 100)


REGIONS: dict[str, tuple[str, ...]] = {
    "jaw": ("jaw",),
    "brows": ("right_brow", "left_brow"),
    "nose": ("nose_bridge", "nose_base"),
    "eyes": ("right_eye", "left_eye"),
    "mouth": ("outer_lips", "inner_lips"),
}


@dataclass(frozen=True)
class BinScore:
    """Faces of one |yaw| range and their mean NME; None for an empty bin."""

    yaw_from_deg: int
    yaw_to_deg: int
    faces: int
    nme_percent: float | None

    @property
    def yaw_range(self) -> str:
        """In degrees, such as "0-30"."""
        return f"{self.yaw_from_deg}-{self.yaw_to_deg}"


@dataclass(frozen=True, eq=False)
class NmeScores:
    """Errors of F faces against one set of labels."""

    yaw_deg: Float64Array  # (F,)
    errors_percent: Float64Array  # (F, 68) terms of each face's NME

    @classmethod
    def of(cls, yaw_deg: Float64Array, predicted: FloatArray, truth: FloatArray) -> NmeScores:
        """Of predicted (F, 68, 2 or 3) against truth (F, 68, 2 or 3), xy, both in image px."""
        return cls(yaw_deg, landmark_errors_percent(predicted, truth))

    def __len__(self) -> int:
        return len(self.yaw_deg)

    @cached_property
    def nme_percent(self) -> Float64Array:
        """NME (F,) of each face."""
        return np.asarray(self.errors_percent.mean(axis=1))

    @cached_property
    def bins(self) -> tuple[BinScore, ...]:
        """The three |yaw| ranges; a yaw beyond 90 degrees counts with the last."""
        scores = []
        for (low, high), inside in zip(YAW_BINS_DEG, in_yaw_bins(self.yaw_deg)):
            mean = float(self.nme_percent[inside].mean()) if inside.any() else None
            scores.append(BinScore(low, high, int(inside.sum()), mean))
        return tuple(scores)

    @property
    def headline_nme_percent(self) -> float:
        """Mean of the means of the bins that hold a face; nan where there is none at all."""
        means = [one.nme_percent for one in self.bins if one.nme_percent is not None]
        return float(np.mean(means)) if means else float("nan")

    @property
    def auc_percent(self) -> float:
        """As the function of that name."""
        return auc_percent(self.nme_percent)

    @property
    def failure_percent(self) -> float:
        """As the function of that name."""
        return failure_percent(self.nme_percent)

    def region_percent(self, region: str) -> Float64Array:
        """Mean error (F,) over the landmarks of a region of REGIONS, over the whole box's size."""
        landmarks = [index for group in REGIONS[region] for index in GROUPS[group]]
        return np.asarray(self.errors_percent[:, landmarks].mean(axis=1))

    def to_json(self) -> dict[str, Any]:
        """The sums; regions are means over all faces."""
        return {
            "faces": len(self),
            "nme_percent": self.headline_nme_percent,
            "bins": [asdict(score) for score in self.bins],
            "auc_percent": self.auc_percent,
            "failure_percent": self.failure_percent,
            "regions_percent": {name: float(self.region_percent(name).mean()) for name in REGIONS},
        }


def auc_percent(nme_percent: Float64Array) -> float:
    """Area under the cumulative error curve of NME (F,) up to 8 %, of the most there can be.

    A face with NME e lifts the curve by 1 / F from e on, so its part is (8 - e) / 8.
    """
    return float(np.maximum(1 - nme_percent / FAILED_NME_PERCENT, 0).mean() * 100)


def failure_percent(nme_percent: Float64Array) -> float:
    """Share of faces with an NME (F,) above 8 %."""
    return float((nme_percent > FAILED_NME_PERCENT).mean() * 100)


def in_yaw_bins(yaw_deg: Float64Array) -> list[BoolArray]:
    """Which faces (F,) belong to each of the three |yaw| ranges."""
    size = np.minimum(np.abs(yaw_deg), YAW_BINS_DEG[-1][1])
    closed = YAW_BINS_DEG[-1][1]
    return [(size >= low) & ((size < high) | (high == closed)) for low, high in YAW_BINS_DEG]
