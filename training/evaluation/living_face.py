"""What a face does, on held-out faces whose eyes and lips people placed: openness, regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray
from edge_runtime.layout import IBUG68_COUNT
from training.dataset.records import FaceRecord
from training.evaluation.openness import ClosedEyeScores, OpennessScores
from training.ibug68 import GROUPS
from training.nme import landmark_errors_percent

YAW_RANGES_DEG = {"0-30": (0, 30), "30-60": (30, 60)}
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
class YawRangeScores:
    """Of the faces of one |yaw| range whose eyes and lips people placed.

    errors_percent (F, 68): terms of each face's NME. missed: faces in which the model found none;
    they enter nothing else.
    """

    openness: OpennessScores
    openness_at_like_yaw: OpennessScores
    errors_percent: Float64Array
    missed: int

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
        }


@dataclass(frozen=True, eq=False)
class LivingFaceScores:
    """How a model's held-out faces live, in their true squares."""

    in_yaw: dict[str, YawRangeScores]  # by the names of YAW_RANGES_DEG
    closed_eyes: ClosedEyeScores

    @classmethod
    def of(cls, faces: Sequence[FaceRecord], predicted68: FloatArray) -> LivingFaceScores:
        """Of landmarks (F, 68, 3) predicted for F records, in px of their photos; NaN is a miss."""
        truth = np.stack([face.landmarks[:IBUG68_COUNT] for face in faces])
        yaw_deg = np.array([face.yaw_deg for face in faces])
        is_found = np.isfinite(predicted68).all(axis=(1, 2))
        openness = OpennessScores.of(predicted68, truth)
        errors = landmark_errors_percent(predicted68, truth)
        by_people = np.array([getattr(face, "label_source", 0) == 1 for face in faces])
        in_yaw = {}
        for name, (low, high) in YAW_RANGES_DEG.items():
            inside = by_people & (np.abs(yaw_deg) >= low) & (np.abs(yaw_deg) < high)
            kept = inside & is_found
            in_yaw[name] = YawRangeScores(
                openness=openness[kept],
                openness_at_like_yaw=openness[kept].at_like_yaw(yaw_deg[kept]),
                errors_percent=errors[kept],
                missed=int((inside & ~is_found).sum()),
            )
        names = [face.name for face, found in zip(faces, is_found) if found]
        return cls(in_yaw, ClosedEyeScores.of(names, openness[is_found], yaw_deg[is_found]))

    @property
    def has_faces(self) -> bool:
        """Whether people placed the eyes of any face; a dataset built before 1.3 does not tell."""
        return any(len(one.errors_percent) for one in self.in_yaw.values())

    def to_json(self) -> dict[str, Any]:
        by_yaw = {name: scores.to_json() for name, scores in self.in_yaw.items()}
        return {"yaw_deg": by_yaw, "closed_eyes": self.closed_eyes.to_json()}
