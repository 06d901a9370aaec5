"""Whether a model's eyes and mouth open and close as people's word says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import BoolArray, Float64Array, FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.face_landmarks import AspectRatios
from training.evaluation.roc import best_limit, roc_auc

# Fewer faces give no regression.
FEWEST_FACES = 3
# Photos of people with both eyes closed (CEW), and those whose eyes are open where the label says.
CLOSED_EYES = "cew_"
MAYBE_OPEN_EYES = ("utk_", "aflw_")
# In the picture an eye that turns away narrows faster than it flattens, so its height over width
# grows with yaw, whatever the lids do: main 1.2.0, blind to lids, scores 0.63 on faces up to 30
# degrees and 0.53 here, where an eye is at most 3 % narrower.
CLOSED_EYES_YAW_DEG = 15
# An eye aspect ratio from which an eye counts as open: closed ones are labelled 0.03 to 0.06, and
# blinks are usually told apart at 0.2 (Soukupova and Cech, 2016, section 4).
OPEN_EYE_RATIO = 0.2
EYE_BLINKS = [BLENDSHAPE_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]


@dataclass(frozen=True)
class Agreement:
    """How one measure follows another over so many faces; None where it cannot be told.

    slope: of the regression of the model's on people's. 1 follows it, 0 ignores it.
    """

    faces: int
    correlation: float | None
    slope: float | None

    @classmethod
    def of(cls, predicted: NDArray[Any], truth: NDArray[Any]) -> Agreement:
        """Of values (F,) and (F,)."""
        faces = len(truth)
        if faces < FEWEST_FACES or np.ptp(truth) == 0:
            return cls(faces, None, None)
        centred = truth - truth.mean()
        variance = float(centred @ centred)
        covariance = float(centred @ (predicted - predicted.mean()))
        spread = float(np.sqrt(variance * np.square(predicted - predicted.mean()).sum()))
        correlation = covariance / spread if spread else None
        return cls(faces, correlation, covariance / variance)


@dataclass(frozen=True, eq=False)
class ImageOpenings:
    """Height over width of F faces as the photos show them: of each eye (F, 2), right one first,
    and between the lips (F,).

    The runtime's `AspectRatios`, but in the image plane alone: people placed no depth, and a
    label's z is none of theirs.
    """

    each_eye: Float64Array
    mouth: Float64Array

    @classmethod
    def of(cls, landmarks68: FloatArray) -> ImageOpenings:
        """Of landmarks (F, 68 or more, 2 or 3) in px."""
        found = [AspectRatios.of(points[:, :2]) for points in landmarks68]
        eyes = np.array([(one.right_eye, one.left_eye) for one in found], np.float64)
        return cls(eyes.reshape(-1, 2), np.array([one.mouth for one in found], np.float64))

    def __getitem__(self, faces: BoolArray) -> ImageOpenings:
        return ImageOpenings(self.each_eye[faces], self.mouth[faces])

    @property
    def eyes(self) -> Float64Array:
        """Eye aspect ratio (F,): the mean of both eyes."""
        return np.asarray(self.each_eye.mean(axis=1))

    def without_yaw(self, yaw_deg: Float64Array) -> ImageOpenings:
        """What yaw (F,) and 1 / cos(yaw) do not explain, fitted by least squares.

        An eye that turns away narrows in the picture, so height over width grows with yaw whatever
        the lids do, and a model that knows yaw and no lids would seem to follow them.
        """
        yaw = np.radians(yaw_deg)
        terms = np.stack([np.ones_like(yaw), yaw, 1 / np.cos(yaw)], axis=1)

        def rest(measure: Float64Array) -> Float64Array:
            return np.asarray(measure - terms @ np.linalg.lstsq(terms, measure, rcond=None)[0])

        return ImageOpenings(rest(self.each_eye), rest(self.mouth))


@dataclass(frozen=True, eq=False)
class OpennessScores:
    """A model's openings of F faces beside people's."""

    predicted: ImageOpenings
    truth: ImageOpenings

    @classmethod
    def of(cls, predicted: FloatArray, truth: FloatArray) -> OpennessScores:
        """Of landmarks (F, 68, 2 or 3) in px."""
        return cls(ImageOpenings.of(predicted), ImageOpenings.of(truth))

    def __getitem__(self, faces: BoolArray) -> OpennessScores:
        return OpennessScores(self.predicted[faces], self.truth[faces])

    @property
    def eyes(self) -> Agreement:
        """Eye aspect ratio, the mean of a face's two eyes."""
        return Agreement.of(self.predicted.eyes, self.truth.eyes)

    @property
    def each_eye(self) -> Agreement:
        """Eye aspect ratio, every eye a sample of its own, so that winks count."""
        eyes = self.predicted.each_eye.reshape(-1), self.truth.each_eye.reshape(-1)
        return Agreement.of(*eyes)

    @property
    def mouth(self) -> Agreement:
        """Opening between the lips."""
        return Agreement.of(self.predicted.mouth, self.truth.mouth)

    def at_like_yaw(self, yaw_deg: Float64Array) -> OpennessScores:
        """The same without what yaw (F,) alone explains of both sides."""
        return OpennessScores(self.predicted.without_yaw(yaw_deg), self.truth.without_yaw(yaw_deg))

    def to_json(self) -> dict[str, Any]:
        return {
            "eyes": asdict(self.eyes),
            "each_eye": asdict(self.each_eye),
            "mouth": asdict(self.mouth),
        }


@dataclass(frozen=True, eq=False)
class ClosedEyeScores:
    """Eye aspect ratio of closed eyes (C,) and of open ones (O,) as a model sees them.

    blinks: eyeBlink of both kinds, (C,) and (O,), where it knows of blendshapes.
    """

    closed: Float64Array
    open: Float64Array
    blinks: tuple[Float64Array, Float64Array] | None = None

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        scores: OpennessScores,
        yaw_deg: Float64Array,
        expression: FloatArray | None = None,
    ) -> ClosedEyeScores:
        """Of named faces (F,): closed are photos of CEW, open others whose label is open.

        expression: their blendshapes (F, 52).
        """
        ahead = np.abs(yaw_deg) < CLOSED_EYES_YAW_DEG
        is_closed = ahead & [name.startswith(CLOSED_EYES) for name in names]
        can_be_open = ahead & [name.startswith(MAYBE_OPEN_EYES) for name in names]
        is_open = can_be_open & (scores.truth.eyes > OPEN_EYE_RATIO)
        closed, opened = scores.predicted.eyes[is_closed], scores.predicted.eyes[is_open]
        if expression is None:
            return cls(closed, opened)
        blink = expression[:, EYE_BLINKS].mean(axis=1, dtype=np.float64)
        return cls(closed, opened, (blink[is_closed], blink[is_open]))

    @property
    def auc(self) -> float:
        """Area under the ROC curve; nan without faces of both kinds."""
        return roc_auc(self.open, self.closed)

    def to_json(self) -> dict[str, Any] | None:
        """None without faces of both kinds; error: mean of both kinds' at the best limit."""
        if not len(self.closed) or not len(self.open):
            return None
        limit, error = best_limit(self.open, self.closed)
        return {
            "closed": len(self.closed),
            "open": len(self.open),
            "open_above_label": OPEN_EYE_RATIO,
            "below_yaw_deg": CLOSED_EYES_YAW_DEG,
            "auc": self.auc,
            "limit": limit,
            "error": error,
            "blink": self._blink(),
        }

    def _blink(self) -> dict[str, float] | None:
        """Mean eyeBlink of both kinds, which an avatar's lids follow: 1 is shut, 0 is not."""
        if self.blinks is None:
            return None
        closed, opened = self.blinks
        return {"closed": float(closed.mean()), "open": float(opened.mean())}
