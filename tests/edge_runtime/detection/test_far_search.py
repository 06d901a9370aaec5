"""The far search: its windows leave no place out, and cost what the documents say."""

import numpy as np
import pytest

from edge_runtime.crop import CropRegion
from edge_runtime.detection.blazeface import INPUT_SIZE_PX, BlazeFace
from edge_runtime.detection.far_search import FarSearch
from edge_runtime.network.interpreter import NetworkRun


@pytest.fixture
def runs() -> list[NetworkRun]:
    return []


@pytest.fixture
def far(runs) -> FarSearch:
    return FarSearch(BlazeFace(on_run=runs.append))


def _holds(window: CropRegion, x: float, y: float, width: float) -> bool:
    """The face, a fifth higher than wide, lies whole in the window, and wide enough in its px."""
    reach = window.side_px / 2 + 1e-6
    is_inside = abs(x - window.center_x) + width / 2 <= reach
    is_inside &= abs(y - window.center_y) + 0.6 * width <= reach
    return is_inside and 13.9 <= width * INPUT_SIZE_PX / window.side_px <= 60


@pytest.mark.parametrize("size", [(1920, 1080), (4000, 3000), (640, 480), (90, 1500)])
def test_every_face_lies_whole_in_a_window(far, size):
    rng = np.random.default_rng(1)
    windows = far.windows((size[1], size[0], 3))
    for _ in range(150):
        width = float(np.exp(rng.uniform(np.log(20), np.log(min(200, max(size) / 9, *size)))))
        x = rng.uniform(width / 2, size[0] - width / 2)
        y = rng.uniform(0.6 * width, max(size[1] - 0.6 * width, 0.6 * width))
        assert any(_holds(window, x, y, width) for window in windows), (x, y, width)


def test_what_the_search_costs(far):
    """The counts that the documents state."""
    counts = {size: len(far.windows((size[1], size[0], 3)))
              for size in [(1920, 1080), (4000, 3000), (640, 480)]}  # fmt: skip
    assert counts == {(1920, 1080): 150, (4000, 3000): 889, (640, 480): 26}
    wider = [len(FarSearch(BlazeFace(), 40).windows((size[1], size[0], 3))) for size in counts]
    assert wider == [38, 229, 6]
    assert far.windows((128, 100, 3)) == [], "the whole picture is one window, and searched already"
    sides = [window.side_px for window in far.windows((1080, 1920, 3))]
    assert sides == sorted(sides, reverse=True), "near faces first"


def test_windows_without_anything_in_them_are_passed_over(far, runs):
    image = np.full((1080, 1920, 3), 180, np.uint8)
    image += np.random.default_rng(1).integers(0, 12, image.shape, dtype=np.uint8)
    windows = far.windows(image.shape)
    assert all(far.look_through(image, window) == [] for window in windows)
    beyond_the_edges = [window for window in windows if window.side_px > 1080]
    assert len(runs) <= len(beyond_the_edges) < 5


def test_a_sky_costs_nothing(far, runs):
    """Blue, paler toward the horizon, in a camera's noise."""
    blue, pale = np.array([70, 120, 220]), np.array([190, 210, 235])
    share = np.linspace(0, 1, 1080)[:, None, None]
    sky = (blue * (1 - share) + pale * share).repeat(1920, axis=1)
    noise = np.random.default_rng(1).normal(0, 2, sky.shape)
    image = np.clip(np.round(sky + noise), 0, 255).astype(np.uint8)
    for window in far.windows(image.shape):
        if window.side_px <= 1080:
            assert far.look_through(image, window) == []
    assert runs == []


def test_a_face_in_the_dusk_is_something(far, runs, scene):
    """All of the picture lies within 24 levels."""
    image = np.round(40 + scene((400, 300, 0.25, 0)) * (24 / 255)).astype(np.uint8)
    far.look_through(image, CropRegion(380, 290, 180))
    assert len(runs) == 1


def test_a_second_look_knows_a_face(far, scene):
    image = scene((400, 300, 0.3, 0))
    window = CropRegion(380, 290, 180)
    (found,) = far.look_through(image, window)
    again = far.look_again(image, found)
    assert again is not None
    np.testing.assert_allclose(again.box.center, found.box.center, atol=0.2 * found.box.width)
    assert far.look_again(scene(), found) is None
