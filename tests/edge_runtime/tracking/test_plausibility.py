"""Presence without a presence output: made-up cases, and real photos where there are some."""

from dataclasses import replace

import numpy as np
import pytest

from edge_runtime import Box, CropRegion, Timings, read_image
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.tracking.plausibility import EVEN_ODDS, presence_by_turning, presence_of_movement


@pytest.fixture(scope="module")
def presence_in(model_path):
    model = LandmarkModel(model_path)

    def measure(image: np.ndarray, region: CropRegion) -> float:
        points = model.run(image, region, Timings()).points
        return presence_by_turning(model, image, region, points, Timings())

    return measure


def test_presence_falls_with_movement():
    assert presence_of_movement(EVEN_ODDS) == pytest.approx(0.5)
    assert presence_of_movement(0.0) == pytest.approx(1.0)
    values = [presence_of_movement(x) for x in np.linspace(0, 1, 50)]
    assert values == sorted(values, reverse=True) and values[-1] < 0.01


def test_the_photos_face_is_one_and_its_background_is_not(presence_in, photo):
    face = CropRegion(224, 135, 150)
    for roll_deg in (-40, 0, 40):
        assert presence_in(photo, replace(face, roll_deg=float(roll_deg))) > 0.8
    # Of such places a few in a hundred pass, as the test of real backgrounds counts.
    places = ((400, 120, 120), (60, 60, 110), (220, 400, 200), (420, 400, 150))
    assert sum(presence_in(photo, CropRegion(*place)) < 0.5 for place in places) >= 3


@pytest.mark.parametrize("level", [0, 127, 255])
def test_blank_images_hold_no_face(presence_in, level):
    image = np.full((200, 200, 3), level, np.uint8)
    assert presence_in(image, CropRegion(100, 100, 120)) < 0.5


@pytest.mark.slow
def test_real_faces_and_real_backgrounds(presence_in, real_data):
    """At least 96 % of faces are kept, and 96 % of places beside them refused; prints both."""
    io = pytest.importorskip("scipy.io")
    sample = real_data / "aflw2000_sample"
    rng = np.random.default_rng(1)
    faces, others = [], []
    for name in (sample / "names.txt").read_text().split()[1::2]:
        image = read_image((sample / name).with_suffix(".jpg"))
        truth = io.loadmat((sample / name).with_suffix(".mat"))["pt3d_68"].T
        box = Box.around(truth)
        region = CropRegion.around_box(box)
        shift = rng.normal(0, 0.03 * region.side_px, 2)
        moved = replace(
            region, center_x=region.center_x + shift[0], center_y=region.center_y + shift[1]
        )
        faces.append(presence_in(image, moved))
        for x, y, share in rng.uniform((0, 0, 0.5), (450, 450, 1.2), (10, 3)):
            side = share * region.side_px
            apart = (abs(x - box.center[0]) > (side + box.width) / 2) or (
                abs(y - box.center[1]) > (side + box.height) / 2
            )
            if apart:
                others.append(presence_in(image, CropRegion(x, y, side)))
    kept, refused = np.mean(np.array(faces) >= 0.5), np.mean(np.array(others) < 0.5)
    print(f"{len(faces)} faces, kept {kept:.3f}; {len(others)} others, refused {refused:.3f}")
    assert kept >= 0.96 and refused >= 0.96
