"""`face520-train score-fit`: how good `fit` is without annotation, on photos with labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.table import Table

from edge_runtime.arrays import BoolArray, Float64Array, FloatArray
from edge_runtime.atomic_file import write_whole
from edge_runtime.console import out, progress_bar
from training.commands.data_options import FaceModelOption
from training.face.face_model import FACE_MODEL_PATH
from training.fitting.face_finder import LANDMARK_MODEL_PATH
from training.nme import FAILED_NME_PERCENT, nme_percent

if TYPE_CHECKING:
    from training.evaluation.openness import OpennessScores
    from training.fitting.face_finder import FaceFinder
    from training.fitting.face_fitter import FaceFitter
    from training.fitting.fitted_photos import FittedPhotos
    from training.fitting.photo_folder import FoundFace

HELP = """
Fit photos that have labels as if they had none, and compare.

The held-out photos of a zip with fits go through what `face520-train fit` does with a photo that
has no annotation. Accuracy is told of the photos whose landmarks people placed (label_source 1):
NME of the 68 against the labels by yaw, of all faces found and of those that are kept, and how
openings of eyes and mouth follow people's. How many photos are kept, and how many of these are
wrong by more than 8 %, is told of all.

\b
Example:
  face520-train score-fit --photos faces.zip --fits fits.npz
"""
YAW_RANGES_DEG = ((0, 30), (0, 15), (15, 30), (30, 45), (45, 60), (60, 90))
OPENNESS_RANGES_DEG = ((0, 30), (30, 45))


def score_fit(
    photos: Annotated[Path, typer.Option("--photos", metavar="ZIP", help="Zip of face photos.")],
    fits: Annotated[Path, typer.Option("--fits", metavar="NPZ", help="Their labels.")],
    face_model: FaceModelOption = FACE_MODEL_PATH,
    landmark_model: Annotated[
        Path, typer.Option("--model", metavar="TFLITE", help="Landmark model that looks first.")
    ] = LANDMARK_MODEL_PATH,
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the scores.")
    ] = None,
) -> None:
    """The command; `HELP` is what a person reads."""
    from edge_runtime.layout import layout520
    from training.face.face_model import FaceModel
    from training.fitting.face_finder import FaceFinder
    from training.fitting.face_fitter import FaceFitter
    from training.fitting.fitted_photos import FittedPhotos
    from training.fitting.mesh_registration import MeshRegistration

    labelled, model = FittedPhotos.load(photos, fits), FaceModel.load(face_model)
    fitter = FaceFitter(model, layout520(), MeshRegistration.load())
    with FaceFinder(landmark_model) as finder:
        scores = FitScores.measure(labelled, finder, fitter)
    for table in scores.tables():
        out.print(table)
    if json_path is not None:
        write_whole(json_path, (json.dumps(scores.to_json(), indent=2) + "\n").encode())
        out.print(str(json_path), style="green")


@dataclass(frozen=True, eq=False)
class FitScores:
    """Of F held-out photos: labels beside what `fit` makes without them.

    fitted68 (F, 68, 3) px, NaN where no face is found. group: the photo's name up to the first
    underscore, which names the data set it is from.
    """

    group: tuple[str, ...]
    yaw_deg: Float64Array
    by_people: BoolArray
    truth68: FloatArray
    fitted68: FloatArray
    is_kept: BoolArray

    @classmethod
    def measure(cls, labelled: FittedPhotos, finder: FaceFinder, fitter: FaceFitter) -> FitScores:
        """Find and fit with a progress bar; of several faces the one at the label counts."""
        from training.dataset.records import LabelSource
        from training.fitting.fit_run import rejection_of

        chosen = np.flatnonzero(labelled.held_out)
        truth68 = labelled.landmarks68(fitter.model, chosen.tolist())
        found = dict(_found_faces(labelled, chosen.tolist(), truth68, finder))
        fits = fitter.fit([face.seen for face in found.values()], [None] * len(found))
        fitted68 = np.full_like(truth68, np.nan)
        is_kept = np.zeros(len(chosen), bool)
        for (place, face), fit in zip(found.items(), fits):
            fitted68[place] = fit.landmarks68
            is_kept[place] = rejection_of(face, fit) is None
        return cls(
            group=tuple(labelled.names[index].partition("_")[0] for index in chosen),
            yaw_deg=labelled.yaw_deg[chosen],
            by_people=labelled.label_source[chosen] == LabelSource.PEOPLE,
            truth68=truth68,
            fitted68=fitted68,
            is_kept=is_kept,
        )

    @property
    def is_found(self) -> BoolArray:
        """Which photos (F,) a face is found in."""
        return np.asarray(np.isfinite(self.fitted68).all(axis=(1, 2)))

    @property
    def nme_percent(self) -> Float64Array:
        """NME (F,) against the labels; NaN where no face is found."""
        return nme_percent(self.fitted68, self.truth68)

    def in_range(self, low: int, high: int) -> BoolArray:
        """Photos (F,) of a range of |yaw|; a yaw beyond 90 degrees counts with the last."""
        size = np.minimum(np.abs(self.yaw_deg), 90)
        return np.asarray((size >= low) & ((size < high) | (high == 90)))

    def openness(self, low: int, high: int) -> OpennessScores:
        """Of the faces found whose landmarks people placed."""
        from training.evaluation.openness import OpennessScores

        inside = self.in_range(low, high) & self.by_people & self.is_found
        return OpennessScores.of(self.fitted68[inside], self.truth68[inside])

    def accuracy(self, low: int, high: int) -> dict[str, Any]:
        """Of the photos of a range whose landmarks people placed."""
        inside = self.in_range(low, high) & self.by_people
        found, kept = inside & self.is_found, inside & self.is_kept
        return {
            "photos": int(inside.sum()),
            "found": int(found.sum()),
            "found_nme_percent": _mean(self.nme_percent[found]),
            "kept": int(kept.sum()),
            "kept_nme_percent": _mean(self.nme_percent[kept]),
        }

    def share_kept(self, inside: BoolArray) -> dict[str, int]:
        """Of some photos (F,): how many a face is found in, kept of, and kept though wrong."""
        kept = inside & self.is_kept
        return {
            "photos": int(inside.sum()),
            "found": int((inside & self.is_found).sum()),
            "kept": int(kept.sum()),
            "kept_though_wrong": int((self.nme_percent[kept] > FAILED_NME_PERCENT).sum()),
        }

    def to_json(self) -> dict[str, Any]:
        """accuracy and openness by yaw, of people's photos; kept by data set, of all."""
        group = np.array(self.group)
        kept = {one: self.share_kept(group == one) for one in sorted(set(self.group))}
        return {
            "accuracy": {f"{low}-{high}": self.accuracy(low, high) for low, high in YAW_RANGES_DEG},
            "openness": {
                f"{low}-{high}": self.openness(low, high).to_json()
                for low, high in OPENNESS_RANGES_DEG
            },
            "kept": kept | {"all": self.share_kept(np.ones(len(group), bool))},
        }

    def tables(self) -> Iterator[Table]:
        """Accuracy, openness, and what is kept."""
        scores = self.to_json()
        table = Table("|yaw|, deg", "photos", "found", "NME, %", "kept", "NME, %")
        for name, one in scores["accuracy"].items():
            table.add_row(name, *(_cell(value) for value in one.values()))
        yield table
        table = Table("|yaw|, deg", "openness", "correlation", "slope")
        for name, one in scores["openness"].items():
            for part, agreement in one.items():
                values = (agreement["correlation"], agreement["slope"])
                table.add_row(name, part.replace("_", " "), *(_cell(value, 3) for value in values))
        yield table
        table = Table("photos of", "photos", "found", "kept", f"above {FAILED_NME_PERCENT:g} %")
        for name, one in scores["kept"].items():
            table.add_row(name, *(_cell(value) for value in one.values()))
        yield table


def _found_faces(
    labelled: FittedPhotos, chosen: list[int], truth68: FloatArray, finder: FaceFinder
) -> Iterator[tuple[int, FoundFace]]:
    """The face at each photo's label, and its place among the chosen photos."""
    from edge_runtime.crop import Box
    from training.fitting.photo_folder import FoundFace

    with progress_bar() as progress:
        task = progress.add_task("photos", total=len(chosen))
        for place, image in enumerate(labelled.images(chosen)):
            center_x, center_y = Box.around(truth68[place]).center
            seen = min(
                finder.find(image),
                key=lambda face: hypot(
                    face.box.center[0] - center_x, face.box.center[1] - center_y
                ),
                default=None,
            )
            if seen is not None:
                height_px, width_px = image.shape[:2]
                photo = Path(labelled.names[chosen[place]])
                yield place, FoundFace(photo, 1, width_px, height_px, seen, None)
            progress.advance(task)


def _mean(values: Float64Array) -> float | None:
    return float(values.mean()) if len(values) else None


def _cell(value: float | None, digits: int = 2) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"
