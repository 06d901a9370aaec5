"""Folders in 300W's format, and scores on them: errors over the distance of the outer eye corners,
and openness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from edge_runtime.files.input_files import input_files
from edge_runtime.image_file import read_image
from training.errors import EvaluationError
from training.evaluation.end_to_end import landmarks68_end_to_end
from training.evaluation.evaluate import found_faces, landmarks68_in_true_squares
from training.evaluation.openness import OpennessScores
from training.fitting.landmark_annotation import read_pts
from training.ibug68 import GROUPS
from training.run.scored_model import ScoredModel

# 300W's own files, and bare lists of 68 points, which HELEN is also passed on with.
SUFFIXES = (".pts", ".txt")
OUTER_EYE_CORNERS = (36, 45)
REGIONS: dict[str, tuple[int, ...]] = {
    "all 68": tuple(range(68)),
    "51 inner": tuple(range(17, 68)),
    "jaw": GROUPS["jaw"],
    "brows": GROUPS["right_brow"] + GROUPS["left_brow"],
    "nose": GROUPS["nose_bridge"] + GROUPS["nose_base"],
    "eyes": GROUPS["right_eye"] + GROUPS["left_eye"],
    "outer lips": GROUPS["outer_lips"],
    "inner lips": GROUPS["inner_lips"],
}


@dataclass(frozen=True, eq=False)
class Photo300w:
    """A photo and the landmarks (68, 2) that people placed, in its px; the jaw is the outline."""

    path: Path
    landmarks68: FloatArray

    def image(self) -> Uint8Image:
        """The RGB photo (H, W, 3)."""
        return read_image(self.path)


def is_300w(folder: Path) -> bool:
    """Whether a folder has landmarks as 300W has them, rather than AFLW2000-3D's `.mat`."""
    if any(folder.glob("*.mat")):
        return False
    return any(_annotation(photo) for photo in input_files([folder]).images)


def read_300w(folder: Path) -> tuple[Photo300w, ...]:
    """Every photo in and below a folder with its landmarks; none is left out.

    Raises EvaluationError, LandmarkAnnotationError.
    """
    photos = input_files([folder]).images
    if not photos:
        raise EvaluationError(f"{folder}: holds no photo. Give a folder of 300W, LFPW or HELEN.")
    read = []
    for photo in photos:
        path = _annotation(photo)
        if path is None:
            raise EvaluationError(
                f"{photo}: no {photo.stem}.pts beside it, the 68 landmarks as 300W writes them, "
                f"nor a bare list {photo.stem}.txt. Move photos without landmarks elsewhere."
            )
        read.append(Photo300w(photo, read_pts(path).points))
    return tuple(read)


def _annotation(photo: Path) -> Path | None:
    paths = (photo.with_suffix(suffix) for suffix in SUFFIXES)
    return next((path for path in paths if path.is_file()), None)


@dataclass(frozen=True, eq=False)
class InterOcularScores:
    """Of F faces that a model found; a face that it missed is counted and enters nothing else.

    offsets_percent (F, 68, 2): from people's landmark to the model's, along the line through the
    outer eye corners and across it, over their distance.
    """

    offsets_percent: Float64Array
    openness: OpennessScores
    missed: int

    @classmethod
    def of(cls, predicted: FloatArray, truth: FloatArray) -> InterOcularScores:
        """Of landmarks (F, 68, 2 or 3) against people's (F, 68, 2), px; NaN for a miss.

        Raises EvaluationError.
        """
        is_found = found_faces(predicted)
        found, people = predicted[is_found, :, :2].astype(np.float64), truth[is_found, :, :2]
        along = (people[:, OUTER_EYE_CORNERS[1]] - people[:, OUTER_EYE_CORNERS[0]])[:, None]
        across = along[..., ::-1] * (-1, 1)
        moved = found - people
        # Divided by its length twice: once for the direction, once for the unit.
        unit = np.square(along).sum(axis=-1) / 100
        offsets = np.stack([(moved * axis).sum(axis=-1) for axis in (along, across)], axis=-1)
        return cls(
            offsets_percent=offsets / unit[..., None],
            openness=OpennessScores.of(predicted[is_found], people),
            missed=int((~is_found).sum()),
        )

    def __len__(self) -> int:
        return len(self.offsets_percent)

    @cached_property
    def regions_percent(self) -> dict[str, float]:
        """Mean distance over each region of REGIONS."""
        return _means(np.linalg.norm(self.offsets_percent, axis=-1))

    @cached_property
    def regions_without_offsets_percent(self) -> dict[str, float]:
        """The same with each landmark's mean offset over the faces removed: what is left when two
        conventions of where a landmark lies are made one.
        """
        around_mean = self.offsets_percent - self.offsets_percent.mean(axis=0)
        return _means(np.linalg.norm(around_mean, axis=-1))

    def to_json(self) -> dict[str, Any]:
        return {
            "faces": len(self),
            "missed": self.missed,
            "nme_percent": self.regions_percent,
            "nme_without_offsets_percent": self.regions_without_offsets_percent,
            "openness": self.openness.to_json(),
        }


@dataclass(frozen=True, eq=False)
class Scores300w:
    """Scores on a folder in 300W's format; end_to_end is None where the detector was not run."""

    true_boxes: InterOcularScores
    end_to_end: InterOcularScores | None

    @classmethod
    def measure(
        cls, model: ScoredModel, photos: Sequence[Photo300w], end_to_end: Path | None
    ) -> Scores300w:
        """In the true boxes' squares, and on whole photos by the model file of end_to_end.

        Raises EvaluationError.
        """
        truth = np.stack([photo.landmarks68 for photo in photos])
        in_boxes = landmarks68_in_true_squares(
            photos, model.landmarks, model.input_size_px, model.square_over_crop
        )
        found = landmarks68_end_to_end(photos, end_to_end) if end_to_end else None
        return cls(
            InterOcularScores.of(in_boxes, truth),
            None if found is None else InterOcularScores.of(found, truth),
        )

    @property
    def by_kind(self) -> dict[str, InterOcularScores]:
        """What was scored, by the name it has in JSON."""
        kinds = {"true_boxes": self.true_boxes, "end_to_end": self.end_to_end}
        return {name: one for name, one in kinds.items() if one is not None}

    def to_json(self) -> dict[str, Any]:
        return {name: one.to_json() for name, one in self.by_kind.items()}


def _means(errors_percent: Float64Array) -> dict[str, float]:
    return {name: float(errors_percent[:, list(at)].mean()) for name, at in REGIONS.items()}
