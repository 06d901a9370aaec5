"""The runtime's limit between face and no face, on photos held out of the model's training."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_runtime import Box, CropRegion, Timings
from edge_runtime.face_landmarker import MODEL_PATH
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.tracking.plausibility import presence_by_turning
from tests.training.photo_truth import truth68
from training.face.face_model import FaceModel
from training.fitting.fitted_photos import FittedPhotos

FACES, PHOTOS_WITH_BACKGROUND = 500, 500


@pytest.mark.slow
def test_faces_are_kept_and_places_beside_them_refused(real_data: Path) -> None:
    """Prints both shares; `pytest -s` shows them."""
    photos = FittedPhotos.load(real_data / "faces.zip", real_data / "fits.npz")
    face_model = FaceModel.load(real_data / "face_model.npz")
    model = LandmarkModel(MODEL_PATH)
    rng = np.random.default_rng(1)

    def presence(image: np.ndarray, region: CropRegion) -> float:
        points = model.run(image, region, Timings()).points
        return presence_by_turning(model, image, region, points, Timings())

    def annotated(indices: np.ndarray) -> Iterator[tuple[np.ndarray, Box]]:
        for index, image in zip(indices, photos.images(indices)):
            yield image, Box.around(truth68(photos, face_model, index))

    faces, others = [], []
    for image, box in annotated(rng.choice(np.flatnonzero(photos.held_out), FACES, False)):
        region = CropRegion.around_box(box)
        x, y = rng.normal((region.center_x, region.center_y), 0.03 * region.side_px)
        faces.append(presence(image, replace(region, center_x=x, center_y=y)))
    # The crops of AFLW are tight; the others have a margin with room for small squares.
    wide = [index for index, name in enumerate(photos.names) if not name.startswith("aflw")]
    for image, box in annotated(rng.choice(wide, PHOTOS_WITH_BACKGROUND, False)):
        for x, y, side in rng.uniform((0, 0, 24), (160, 160, 60), (10, 3)):
            inside = side / 2 <= min(x, y) and max(x, y) < 160 - side / 2
            apart_x = abs(x - box.center[0]) > (side + box.width) / 2
            apart_y = abs(y - box.center[1]) > (side + box.height) / 2
            if inside and (apart_x or apart_y):
                others.append(presence(image, CropRegion(x, y, side)))
    kept, refused = np.mean(np.array(faces) >= 0.5), np.mean(np.array(others) < 0.5)
    print(f"{len(faces)} faces, kept {kept:.3f}; {len(others)} others, refused {refused:.3f}")
    assert kept >= 0.98 and refused >= 0.97
