"""The rasteriser: which triangle a pixel shows, where on it, and what is in front."""

import numpy as np

from training.sources.mesh_raster import rasterise

SIDE_PX = 48


def _picture(vertices: list[tuple[float, float, float]], triangles: list[list[int]]):
    return rasterise(np.array(vertices, np.float32), np.array(triangles, np.int32), SIDE_PX)


def test_a_triangle_covers_the_pixels_whose_centres_it_holds() -> None:
    # Counter-clockwise as seen with y down; legs of 8 px from a pixel's centre.
    raster = _picture([(10, 10, 0), (10, 18, 0), (18, 10, 0)], [[0, 1, 2]])
    rows, columns = np.divmod(raster.pixels, SIDE_PX)
    expected = [(y, x) for y in range(10, 19) for x in range(10, 19) if (x - 10) + (y - 10) <= 8]
    assert sorted(zip(rows.tolist(), columns.tolist())) == expected


def test_a_triangle_seen_from_behind_is_not_drawn() -> None:
    assert len(_picture([(10, 10, 0), (10, 18, 0), (18, 10, 0)], [[0, 2, 1]]).pixels) == 0


def test_the_nearer_of_two_triangles_is_shown() -> None:
    corners = [(5, 5), (5, 40), (40, 5)]
    vertices = [(x, y, 3) for x, y in corners] + [(x, y, -2) for x, y in corners]
    for order in ([[0, 1, 2], [3, 4, 5]], [[3, 4, 5], [0, 1, 2]]):
        raster = _picture(vertices, order)
        assert (raster.corners >= 3).all()
        np.testing.assert_allclose(raster.depth, -2, atol=1e-5)


def test_what_is_interpolated_is_the_place_itself() -> None:
    rng = np.random.default_rng(0)
    vertices = rng.uniform(-10, SIDE_PX + 10, (90, 3)).astype(np.float32)
    raster = rasterise(vertices, np.arange(90).reshape(30, 3).astype(np.int32), SIDE_PX)
    places = raster.interpolate(vertices)
    assert len(places) > 200
    np.testing.assert_allclose(places[:, 0], raster.pixels % SIDE_PX, atol=2e-3)
    np.testing.assert_allclose(places[:, 1], raster.pixels // SIDE_PX, atol=2e-3)
    np.testing.assert_allclose(places[:, 2], raster.depth, atol=2e-3)


def test_a_closed_sheet_has_no_gap_and_no_pixel_outside() -> None:
    """Triangles far smaller than a pixel and larger ones, jittered, without a hole between."""
    for cells in (12, 150):
        grid = np.linspace(4.5, 42.5, cells + 1, dtype=np.float32)
        x, y = np.meshgrid(grid, grid)
        jitter = np.random.default_rng(1).uniform(-0.3, 0.3, (2, cells - 1, cells - 1))
        x[1:-1, 1:-1] += jitter[0] * 38 / cells
        y[1:-1, 1:-1] += jitter[1] * 38 / cells
        corner = np.arange((cells + 1) ** 2).reshape(cells + 1, cells + 1)
        a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, :-1], corner[1:, 1:]
        triangles = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, c, d), (a, d, b))])
        vertices = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=-1)
        shown = np.isfinite(
            rasterise(vertices, triangles.astype(np.int32), SIDE_PX).depth_picture()
        )
        assert shown[5:43, 5:43].all()
        assert shown.sum() == 38 * 38


def test_a_mesh_outside_the_picture_shows_nothing() -> None:
    raster = _picture([(-30, -30, 0), (-30, -20, 0), (-20, -30, 0)], [[0, 1, 2]])
    assert len(raster.pixels) == 0
    assert not np.isfinite(raster.depth_picture()).any()
    assert raster.interpolate(np.ones((3, 2), np.float32)).shape == (0, 2)
