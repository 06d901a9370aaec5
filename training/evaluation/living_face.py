"""What a face does, on held-out faces whose eyes and lips people placed: openness, blendshapes,
visibility, and errors by region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge_runtime.arrays import BoolArray, Float64Array, FloatArray, Uint8Image
from edge_runtime.face_landmarks import VisibilitySource, skin_visibility
from edge_runtime.layout import IBUG68_COUNT, Layout
from training.dataset.records import FaceRecord, LabelSource
from training.evaluation.blendshape_scores import BlendshapeScores
from training.evaluation.evaluate import in_batches
from training.evaluation.openness import ClosedEyeScores, OpennessScores
from training.evaluation.visibility_scores import VisibilityScores
from training.ibug68 import GROUPS
from training.nme import landmark_errors_percent
from training.run.scored_model import ScoredModel

YAW_RANGES_DEG = {"0-30": (0, 30), "30-60": (30, 60)}
ANY_YAW = "any"
EYE_CORNERS = (36, 39, 42, 45)
REGIONS: dict[str, tuple[int, ...]] = {
    "jaw": GROUPS["jaw"],
    "brows": GROUPS["right_brow"] + GROUPS["left_brow"],
    "nose": GROUPS["nose_bridge"] + GROUPS["nose_base"],
    "lids": tuple(
        index for index in GROUPS["right_eye"] + GROUPS["left_eye"] if index not in EYE_CORNERS
    ),
    "eye corners": EYE_CORNERS,
    "outer lips": GROUPS["outer_lips"],
    "inner lips": GROUPS["inner_lips"],
}


@dataclass(frozen=True, eq=False)
class FaceState:
    """What a model predicts of F faces beside landmarks; None for what it does not predict."""

    expression: FloatArray | None  # (F, 52)
    visibility68: FloatArray | None  # (F, 68)
    visibility_from: VisibilitySource | None

    @classmethod
    def predicted(
        cls, model: ScoredModel, crops: Sequence[Uint8Image], layout: Layout
    ) -> FaceState:
        """Run a model on crops; without an output for it, visibility is the runtime's by skin."""
        expression = in_batches(model.expression, crops) if model.expression else None
        if model.visibility:
            seen = in_batches(model.visibility, crops)
            return cls(expression, seen[:, :IBUG68_COUNT], "network")
        points = in_batches(model.landmarks, crops)
        if points.shape[1] != len(layout):
            return cls(expression, None, None)
        seen = np.stack([skin_visibility(one, layout) for one in points])
        return cls(expression, seen[:, :IBUG68_COUNT], "skin")


@dataclass(frozen=True, eq=False)
class YawRangeScores:
    """Of the faces of one |yaw| range whose eyes and lips people placed.

    errors_percent (F, 68): terms of each face's NME. missed: faces in which the model found none;
    they enter nothing else. blendshapes is None for a model without them.
    """

    openness: OpennessScores
    openness_at_like_yaw: OpennessScores
    errors_percent: Float64Array
    missed: int
    blendshapes: BlendshapeScores | None

    @property
    def regions_percent(self) -> dict[str, float | None]:
        """Mean error of each region of REGIONS, over the size of the whole box."""
        if not len(self.errors_percent):
            return dict.fromkeys(REGIONS)
        return {
            name: float(self.errors_percent[:, list(points)].mean())
            for name, points in REGIONS.items()
        }

    def to_json(self) -> dict[str, Any]:
        return {
            "faces": len(self.errors_percent),
            "missed": self.missed,
            "openness": self.openness.to_json(),
            "openness_at_like_yaw": self.openness_at_like_yaw.to_json(),
            "regions_percent": self.regions_percent,
            "blendshapes": None if self.blendshapes is None else self.blendshapes.to_json(),
        }


@dataclass(frozen=True, eq=False)
class LivingFaceScores:
    """How a model's held-out faces live, in their true squares.

    in_yaw: by the names of YAW_RANGES_DEG. visibility: by those and ANY_YAW, over the faces of
    which people said what is seen; empty for a model that knows nothing of it.
    """

    in_yaw: dict[str, YawRangeScores]
    closed_eyes: ClosedEyeScores
    visibility: dict[str, VisibilityScores]
    visibility_from: VisibilitySource | None

    @classmethod
    def of(
        cls, faces: Sequence[FaceRecord], predicted68: FloatArray, state: FaceState
    ) -> LivingFaceScores:
        """Of landmarks (F, 68, 3) predicted for F records, in px of their photos; NaN is a miss."""
        yaw_deg = np.array([face.yaw_deg for face in faces])
        is_found = np.isfinite(predicted68).all(axis=(1, 2))
        truth = np.stack([face.landmarks68 for face in faces])
        openness = OpennessScores.of(predicted68, truth)
        errors = landmark_errors_percent(predicted68, truth)
        labels = np.stack([face.expression for face in faces])
        by_people = np.array([face.label_source == LabelSource.PEOPLE for face in faces])

        def scores(inside: BoolArray) -> YawRangeScores:
            kept = inside & by_people & is_found
            expression = state.expression
            return YawRangeScores(
                openness=openness[kept],
                openness_at_like_yaw=openness[kept].at_like_yaw(yaw_deg[kept]),
                errors_percent=errors[kept],
                missed=int((inside & by_people & ~is_found).sum()),
                blendshapes=(
                    None
                    if expression is None
                    else BlendshapeScores.of(expression[kept], labels[kept])
                ),
            )

        in_yaw = {
            name: (np.abs(yaw_deg) >= low) & (np.abs(yaw_deg) < high)
            for name, (low, high) in YAW_RANGES_DEG.items()
        }
        words = np.stack([face.occlusion68 for face in faces])
        seen, everyone = state.visibility68, np.ones(len(faces), bool)
        names = [face.name for face, found in zip(faces, is_found) if found]
        expression = None if state.expression is None else state.expression[is_found]
        return cls(
            in_yaw={name: scores(inside) for name, inside in in_yaw.items()},
            closed_eyes=ClosedEyeScores.of(
                names, openness[is_found], yaw_deg[is_found], expression
            ),
            visibility={}
            if seen is None
            else {
                name: VisibilityScores.of(seen[inside], words[inside])
                for name, inside in (in_yaw | {ANY_YAW: everyone}).items()
            },
            visibility_from=state.visibility_from,
        )

    @property
    def has_faces(self) -> bool:
        """Whether people placed the eyes of any face; a dataset built before 1.3 does not tell."""
        return any(len(one.errors_percent) for one in self.in_yaw.values())

    def to_json(self) -> dict[str, Any]:
        return {
            "yaw_deg": {name: scores.to_json() for name, scores in self.in_yaw.items()},
            "closed_eyes": self.closed_eyes.to_json(),
            "visibility_from": self.visibility_from,
            "visibility": {name: scores.to_json() for name, scores in self.visibility.items()},
        }
