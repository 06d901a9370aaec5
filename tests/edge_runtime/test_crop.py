import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.crop import (
    BOX_OVER_DETECTION,
    SIDE_OVER_BOX,
    Box,
    CropRegion,
    from_crop_units,
    to_crop_units,
)

regions = st.builds(
    CropRegion,
    center_x=st.floats(-500, 2000),
    center_y=st.floats(-500, 2000),
    side_px=st.floats(5, 2000),
    roll_deg=st.floats(-180, 180),
)
sizes = st.integers(16, 256)


def some_points(seed: int, size: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, size, (40, 3)).astype(np.float32)


@given(regions, sizes, st.integers(0, 99))
def test_points_return_from_the_image(region, size, seed):
    points = some_points(seed, size)
    there_and_back = region.to_crop(region.to_image(points, size), size)
    # float32 image coordinates of up to 3500 px, magnified by at most size / 5
    np.testing.assert_allclose(there_and_back, points, atol=2e-3 * max(1, size / region.side_px))


@given(st.integers(0, 99), sizes)
def test_crop_units_return(seed, size):
    points = some_points(seed, size)
    np.testing.assert_allclose(
        from_crop_units(to_crop_units(points, size), size), points, atol=1e-3
    )


def test_crop_units_are_zero_at_the_centre_and_one_per_side():
    middle = np.array([[59.5, 59.5, 0], [119.5, -0.5, 120]], np.float32)
    np.testing.assert_allclose(to_crop_units(middle, 120), [[0, 0, 0], [0.5, -0.5, 1]])


@given(regions, sizes, st.integers(0, 99))
def test_landmarks_in_crop_units_go_where_their_pixels_go(region, size, seed):
    units = some_points(seed, size) / size - np.float32(0.5)
    moved = region.units_to_image(units)
    by_pixels = region.to_image(from_crop_units(units, size), size)
    by_pixels[:, 2] -= by_pixels[:, 2].mean()
    np.testing.assert_allclose(moved, by_pixels, atol=2e-3)
    assert abs(float(moved[:, 2].mean())) < 1e-3


@given(regions, sizes, st.integers(0, 99))
def test_mirrored_region_sees_mirrored_points(region, size, seed):
    """Mirroring the image, the region and the points gives the mirrored crop."""
    image_width = 1000
    points = some_points(seed, size)
    in_image = region.to_image(points, size)
    in_image[:, 0] = image_width - 1 - in_image[:, 0]
    mirrored = CropRegion(
        image_width - 1 - region.center_x, region.center_y, region.side_px, -region.roll_deg
    )
    seen = mirrored.to_crop(in_image, size)
    seen[:, 0] = size - 1 - seen[:, 0]
    np.testing.assert_allclose(seen, points, atol=4e-3 * max(1, size / region.side_px))


def test_positive_roll_turns_clockwise_as_seen():
    region = CropRegion(50, 50, 100, roll_deg=90)
    right_of_centre = np.array([[99.5, 49.5]], np.float32)
    below_centre = region.to_image(right_of_centre, 100)
    np.testing.assert_allclose(below_centre, [[50, 100]], atol=1e-4)


def ramp(width: int, height: int) -> np.ndarray:
    """Red grows along x, green along y, both by an exact fraction of a level per pixel."""
    x = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    y = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return np.round(np.stack([x, y, 0 * x + 100], axis=-1)).astype(np.uint8)


@pytest.mark.parametrize("side_px", [40, 90, 120, 200, 300, 500, 730])
@pytest.mark.parametrize("roll_deg", [0, 25])
def test_extract_samples_where_to_image_points(side_px, roll_deg):
    """Also on the path that averages large faces down before it warps them."""
    width, height = 1200, 1100
    region = CropRegion(590.3, 555.7, side_px, roll_deg)
    size = 120
    crop = region.extract(ramp(width, height), size)
    row, column = np.mgrid[0:size, 0:size]
    where = region.to_image(np.stack([column, row], -1).reshape(-1, 2).astype(np.float32), size)
    expected = where * (255 / (width - 1), 255 / (height - 1))
    # one level for each of two roundings
    np.testing.assert_allclose(crop.reshape(-1, 3)[:, :2], expected, atol=1.5)
    assert np.abs(crop.reshape(-1, 3)[:, :2] - expected).mean() < 0.4
    assert (crop[:, :, 2] == 100).all()


def test_extract_is_black_outside_the_image():
    crop = CropRegion(0, 50, 100).extract(np.full((100, 100, 3), 200, np.uint8), 50)
    assert (crop[:, :24] == 0).all() and (crop[10:40, 26:] == 200).all()
    far = CropRegion(-5000, -5000, 900).extract(np.full((100, 100, 3), 200, np.uint8), 50)
    assert not far.any()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 400, 3), (400, 1, 3)])
@pytest.mark.parametrize("side_px", [1, 50, 2000])
def test_extract_takes_any_shape(shape, side_px):
    crop = CropRegion(0, 0, side_px).extract(np.full(shape, 255, np.uint8), 64)
    assert crop.shape == (64, 64, 3)


def test_box_rules():
    box = Box.around(np.array([[10, 20, 5], [110, 70, 1], [50, 40, 0]], np.float32))
    assert (box.width, box.height, box.center) == (100, 50, (60, 45))
    assert CropRegion.around_box(box).side_px == pytest.approx(100 * SIDE_OVER_BOX)
    from_detector = CropRegion.around_detection(Box(10, 20, 110, 120))
    assert from_detector.side_px == pytest.approx(100 * SIDE_OVER_BOX * BOX_OVER_DETECTION)
    assert from_detector.center_x == 60 and 70 < from_detector.center_y < 80


def test_the_square_around_a_square_box_gives_the_box_back() -> None:
    box = Box(10.0, 20.0, 50.0, 60.0)
    found = CropRegion.around_box(box).landmark_box
    expected = (box.left, box.top, box.right, box.bottom)
    assert (found.left, found.top, found.right, found.bottom) == pytest.approx(expected)
