"""`python -m benchmarks.studies.open_lids MODEL`: lids and lips of the open photos, by people.

MODEL is a .tflite file, or `fit`: the labels that `face520-train fit` makes of the photos.

The photos come with face520, 102 neutral faces whose lids and lips people placed; no released model
learned from them. Whole photos in, by the runtime's own detector. The distance is over that of the
outer eye corners, in percent, as it is and without each point's mean offset: the photos' set places
its points by rules of its own. Held out are the people that `face520-train fit --folder-is-person`
holds out of these photos, as `make train` has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.studies.study import print_study
from edge_runtime import FaceLandmarker, read_image
from edge_runtime.arrays import Float64Array, FloatArray
from edge_runtime.layout import layout520
from training.face.face_model import FACE_MODEL_PATH, FaceModel
from training.fitting.face_finder import FaceFinder
from training.fitting.face_fitter import FaceFitter
from training.fitting.mesh_registration import MeshRegistration
from training.fitting.photo_folder import held_out_photos
from training.ibug68 import GROUPS
from training.open_faces import OPEN_PHOTOS, OPEN_POINTS68

LABELS_OF_FIT = Path("fit")
FIRST = 36  # of the 68: eyelids and lips are the last 32
OUTER_CORNERS = (36 - FIRST, 45 - FIRST)
REGIONS = {
    "eyes": GROUPS["right_eye"] + GROUPS["left_eye"],
    "outer lips": GROUPS["outer_lips"],
    "inner lips": GROUPS["inner_lips"],
}


def offsets_percent(model: Path) -> tuple[list[Path], Float64Array]:
    """Photos with points of people, and from theirs to the model's (F, 32, 2); NaN for a miss."""
    with np.load(OPEN_POINTS68) as stored:
        names, people = stored["name"].tolist(), stored["points"]
    found = np.full(people.shape, np.nan)
    seen = fitted_faces if model == LABELS_OF_FIT else partial(detected_faces, model)
    for place, landmarks68 in seen([OPEN_PHOTOS / name for name in names]):
        found[place] = landmarks68[FIRST:, :2]
    corners = people[:, OUTER_CORNERS]
    unit = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=-1)[:, None, None] / 100
    return [OPEN_PHOTOS / name for name in names], (found - people) / unit


def detected_faces(model: Path, photos: Sequence[Path]) -> Iterator[tuple[int, FloatArray]]:
    """The place of each photo that shows a face, and its 68 landmarks by a .tflite file."""
    with FaceLandmarker.create(model) as landmarker:
        for place, photo in enumerate(photos):
            for face in landmarker.detect(read_image(photo))[:1]:
                yield place, face.ibug68


def fitted_faces(photos: Sequence[Path]) -> Iterator[tuple[int, FloatArray]]:
    """The same by `face520-train fit`."""
    fitter = FaceFitter(FaceModel.load(FACE_MODEL_PATH), layout520(), MeshRegistration.load())
    with FaceFinder() as finder:
        found = [finder.find(read_image(photo))[:1] for photo in photos]
    places = [place for place, seen in enumerate(found) if seen]
    fits = fitter.fit([found[place][0] for place in places], [None] * len(places))
    yield from ((place, fit.landmarks68) for place, fit in zip(places, fits))


def mean_distances(offsets: FloatArray | Float64Array) -> list[float]:
    """Of each of the REGIONS, what nobody placed left out."""
    distance = np.linalg.norm(offsets, axis=-1)
    return [float(np.nanmean(distance[:, np.array(one) - FIRST])) for one in REGIONS.values()]


def lines(model: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    photos, offsets = offsets_percent(model)
    held_out = held_out_photos(OPEN_PHOTOS, photos, folder_is_person=True)
    is_held_out = np.array([photo in held_out for photo in photos])
    # Of everybody's, so that few people's noise is not taken for a convention.
    placed = ~np.isnan(offsets).all(axis=(0, 2))  # nobody placed the inner corners of the mouth
    convention = np.zeros(offsets.shape[1:])
    convention[placed] = np.nanmean(offsets[:, placed], axis=0)
    yield f"{'faces':12}{'number':>8}" + "".join(f"{name:>24}" for name in REGIONS)
    for name, chosen in (("held out", is_held_out), ("the others", ~is_held_out)):
        plain = mean_distances(offsets[chosen])
        without = mean_distances(offsets[chosen] - convention)
        yield _row(name, int(chosen.sum()), plain, without)
    missed = int(np.isnan(offsets).all(axis=(1, 2)).sum())
    yield f"missed: {missed}; in brackets without each point's mean offset"


def _row(name: str, count: int, plain: Sequence[float], without: Sequence[float]) -> str:
    cells = "".join(f"{one:15.2f} ({other:.2f})  " for one, other in zip(plain, without))
    return f"{name:12}{count:8}{cells}"


if __name__ == "__main__":
    print_study("benchmarks.studies.open_lids MODEL", lines)
