"""`python -m benchmarks.studies.face_shape DIR`: by how much shapes of faces differ, and people.

DIR holds portraits of people, `NNN_neutral.jpg` and `NNN_smiling.jpg` in any folders. Each face is
seen several times at several widths, turned by up to 10 degrees in the picture plane, with a
camera's noise, in a film's way: cropped from its own landmarks. Printed are distances of shapes
(`shape_distance`, in percent of the face's size), and the shares of pairs that may be one person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from benchmarks.studies.study import print_study
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.image_file import read_image
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.network.landmark_model import LandmarkModel, Prediction
from edge_runtime.timings import Timings
from edge_runtime.tracking.face_shape import may_be_one_person, shape_distance
from edge_runtime.tracking.face_track import region_around

WIDTHS_PX = (160, 60, 30, 20)
REPEATS = 2
MOST_PEOPLE = 40
MOST_ROLL_DEG, NOISE_LEVELS = 10.0, 3.0


@dataclass(frozen=True, eq=False)
class SeenFace:
    """A look at a person whose face is that wide."""

    person: str
    photo: str
    width_px: int
    predicted: Prediction


def looks(folder: Path) -> Iterator[SeenFace]:
    """Looks at the people of a folder, one person after the other. Raises Face520Error."""
    neutral = sorted(folder.rglob("*_neutral.jpg"))[:MOST_PEOPLE]
    if len(neutral) < 2:
        raise Face520Error(f"{folder}: fewer than two people (NNN_neutral.jpg, NNN_smiling.jpg).")
    model, rng = LandmarkModel(MODEL_PATH), np.random.default_rng(1)
    with FaceLandmarker.create(MODEL_PATH, num_threads=1, max_faces=1) as landmarker:
        for path in neutral:
            person = path.name.split("_")[0]
            for photo in (path, path.with_name(f"{person}_smiling.jpg")):
                image = read_image(photo)
                for face in landmarker.detect(image):
                    for width_px in WIDTHS_PX * REPEATS:
                        scale = width_px / face.box.width
                        predicted = _look(model, image, face.points, scale, rng)
                        yield SeenFace(person, photo.name, width_px, predicted)


def _look(
    model: LandmarkModel,
    image: Uint8Image,
    points: FloatArray,
    scale: float,
    rng: np.random.Generator,
) -> Prediction:
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    roll_deg = rng.uniform(-MOST_ROLL_DEG, MOST_ROLL_DEG)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), roll_deg, 1)
    turned = cv2.warpAffine(small, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    noise = rng.normal(0, NOISE_LEVELS, turned.shape)
    seen = np.clip(turned + noise, 0, 255).astype(np.uint8)
    moved = points * np.float32(scale)
    moved[:, :2] = moved[:, :2] @ turn[:, :2].T + turn[:, 2]
    first = model.run(seen, region_around(moved), Timings())
    return model.run(seen, region_around(first.points), Timings())


def lines(folder: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    seen = list(looks(folder))
    for width_px in WIDTHS_PX:
        pairs = list(combinations([one for one in seen if one.width_px == width_px], 2))
        kinds = {
            "one photo": [pair for pair in pairs if pair[0].photo == pair[1].photo],
            "one person, neutral and smiling": [
                (one, other)
                for one, other in pairs
                if one.person == other.person and one.photo != other.photo
            ],
            "two people": [pair for pair in pairs if pair[0].person != pair[1].person],
        }
        for kind, chosen in kinds.items():
            yield f"{width_px:4} px, {kind:31}: {_row(chosen)}"


def _row(pairs: list[tuple[SeenFace, SeenFace]]) -> str:
    chosen = pairs[:: max(len(pairs) // 1000, 1)]
    looked = [(one.predicted, other.predicted) for one, other in chosen]
    distances = [100 * shape_distance(one.points, other.points) for one, other in looked]
    kept = np.mean([may_be_one_person(one, other) for one, other in looked])
    low, middle, high = np.quantile(distances, (0.01, 0.5, 0.99))
    return f"{low:.2f} {middle:.2f} {high:.2f} (1st, 50th, 99th percentile); {kept:.3f} may be one"


if __name__ == "__main__":
    print_study("benchmarks.studies.face_shape DIR", lines)
