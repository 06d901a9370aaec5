"""The choice of the 520 keypoints and the mesh between them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from edge_runtime import layout520
from edge_runtime.layout import Layout
from training import ibug68
from training.face.face_model import FaceModel
from training.face.position_map import PositionMapRenderer
from training.layout.keypoints import Spacing, choose_layout, keypoints_on_neutral
from training.layout.landmark_mesh import triangulate


@pytest.fixture(scope="module")
def sheet(face_model_path: Path) -> tuple[FaceModel, PositionMapRenderer, Layout]:
    model = FaceModel.load(face_model_path)
    renderer = PositionMapRenderer.build(model)
    return model, renderer, choose_layout(model, renderer)


def test_the_first_68_are_the_landmarks(
    sheet: tuple[FaceModel, PositionMapRenderer, Layout],
) -> None:
    model, _, layout = sheet
    assert len(layout) == 520
    np.testing.assert_allclose(layout.uv[:68], model.landmark68_uv)


def test_pairs_mirror_each_other(sheet: tuple[FaceModel, PositionMapRenderer, Layout]) -> None:
    _, _, layout = sheet
    np.testing.assert_array_equal(layout.mirror[layout.mirror], np.arange(520))
    u, v = layout.uv[68:].T
    partner = layout.mirror[68:] - 68
    np.testing.assert_allclose(u + u[partner], 1, atol=1e-6)
    np.testing.assert_allclose(v, v[partner], atol=1e-6)


def test_points_are_spread_evenly(sheet: tuple[FaceModel, PositionMapRenderer, Layout]) -> None:
    model, renderer, layout = sheet
    spacing = Spacing.of(keypoints_on_neutral(layout, model, renderer)[68:])
    assert spacing.min_mm > 0.8 * spacing.median_mm
    assert spacing.max_mm < 1.8 * spacing.median_mm


def test_spacing_of_a_known_grid() -> None:
    grid = np.stack(np.meshgrid(range(4), range(4), [0]), -1).reshape(-1, 3).astype(np.float32)
    assert Spacing.of(grid) == Spacing(10, 10, 10)


def test_ibug_groups_are_their_own_mirror() -> None:
    order = ibug68.mirror_order()
    for name, group in ibug68.GROUPS.items():
        partner = name.replace("right", "?").replace("left", "right").replace("?", "left")
        assert {order[index] for index in group} == set(ibug68.GROUPS[partner])


def test_the_mesh_is_a_surface_with_three_holes() -> None:
    layout = layout520()
    edges = Counter(
        tuple(sorted((int(t[i]), int(t[i - 1])))) for t in layout.triangles for i in range(3)
    )
    assert set(edges.values()) == {1, 2}
    # Euler characteristic of a disc with three holes.
    assert len(layout) - len(edges) + len(layout.triangles) == -2
    rim = {edge for edge, count in edges.items() if count == 1}
    for opening in ("right_eye", "left_eye", "inner_lips"):
        line = ibug68.GROUPS[opening]
        for a, b in zip(line, line[1:] + line[:1]):
            assert tuple(sorted((a, b))) in rim


def test_the_mesh_faces_the_viewer() -> None:
    layout = layout520()
    a, b, c = (layout.mean_shape[layout.triangles[:, i]] for i in range(3))
    toward_viewer = -np.cross(b - a, c - a)[:, 2]  # z points away
    assert (np.sign(toward_viewer) == np.sign(np.median(toward_viewer))).mean() > 0.9


def test_a_thin_pair_of_triangles_is_flipped() -> None:
    # UV says a square; on the face it is long and flat, so the short diagonal must win. The mesh
    # needs the 68 landmarks to exist; they stand far away here and are dropped by edge length.
    far = np.stack([np.linspace(50, 60, 68), np.linspace(70, 90, 68)], -1)
    uv = np.concatenate([far, [[0, 0], [1, 0.01], [1, 1], [0, 1.01]]]).astype(np.float32)
    points = np.pad(uv, ((0, 0), (0, 1))) * np.array([3, 0.5, 1], np.float32)
    near = [t for t in triangulate(uv, points).tolist() if min(t) >= 68]
    assert len(near) == 2


def test_the_shipped_layout_is_what_the_code_makes(real_data: Path) -> None:
    model = FaceModel.load(real_data / "face_model.npz")
    made = choose_layout(model, PositionMapRenderer.build(model))
    shipped = layout520()
    np.testing.assert_allclose(made.uv, shipped.uv, atol=1e-5)
    np.testing.assert_array_equal(made.mirror, shipped.mirror)
    np.testing.assert_allclose(made.mean_shape, shipped.mean_shape, atol=1e-3)
    assert made.regions == shipped.regions
