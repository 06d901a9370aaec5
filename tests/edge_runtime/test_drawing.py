import dataclasses

import numpy as np
import pytest

from edge_runtime.drawing import IBUG68_COLOR, SKIN_COLOR, Style, draw_landmarks

STYLES = [Style.POINTS, Style.CONTOURS, Style.MESH]


def canvas(level: int = 128) -> np.ndarray:
    return np.full((300, 320, 3), level, np.uint8)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("level", [0, 255])
def test_each_style_shows_on_dark_and_light(face, style, level):
    image = canvas(level)
    drawn = draw_landmarks(image, [face], style)
    assert (image == level).all(), "the caller's image is left alone"
    assert (np.abs(drawn.astype(int) - level).max(axis=2) > 60).mean() > 0.005


def test_points_have_their_colour_where_they_are(face):
    seen = dataclasses.replace(face, visibility=np.ones(520, np.float32))
    drawn = draw_landmarks(canvas(), [seen], Style.POINTS, zoom=4)
    x, y = np.round((seen.points[:, :2] + 0.5) * 4 - 0.5).astype(int).T
    close = np.abs(drawn[y, x].astype(int) - SKIN_COLOR).max(axis=1) < 30
    ibug = np.abs(drawn[y, x].astype(int) - IBUG68_COLOR).max(axis=1) < 30
    assert ibug[:68].all() and close[68:].mean() > 0.9  # a few lie under an iBUG point


@pytest.mark.parametrize("style", STYLES)
def test_hidden_landmarks_are_dimmed(face, style):
    def change(visible: float) -> float:
        seen = dataclasses.replace(face, visibility=np.full(520, visible, np.float32))
        drawn = draw_landmarks(canvas(), [seen], style)
        return float(np.abs(drawn.astype(float) - 128).mean())

    assert 0 < change(0) < 0.6 * change(1)


def test_a_hidden_landmark_is_a_ring(face):
    hidden = dataclasses.replace(face, visibility=np.zeros(520, np.float32))
    drawn = draw_landmarks(canvas(), [hidden], Style.POINTS, zoom=4).astype(int)
    x, y = np.round((hidden.points[:68, :2] + 0.5) * 4 - 0.5).astype(int).T
    ring_px = round(0.006 * 4 * max(face.box.width, face.box.height) * 0.8)
    center = np.abs(drawn[y, x] - 128).max(axis=1)
    ring = np.abs(drawn[y, x + ring_px] - 128).max(axis=1)
    assert np.median(center) < 0.2 * np.median(ring)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shift", [-180, 250, 10000, -1e30, np.nan])
def test_faces_over_the_edge(face, style, shift):
    moved = dataclasses.replace(face, points=face.points + np.float32(shift))
    assert draw_landmarks(canvas(), [moved], style).shape == (300, 320, 3)


def test_no_face_and_no_style_leave_the_photo(face):
    np.testing.assert_array_equal(draw_landmarks(canvas(), []), canvas())
    np.testing.assert_array_equal(draw_landmarks(canvas(), [face], Style.NONE), canvas())
    assert draw_landmarks(canvas(), [], zoom=2).shape == (600, 640, 3)
