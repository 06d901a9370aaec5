"""Position maps: rendering, sampling, and the files of face3d and PRNet."""

import time
from pathlib import Path

import numpy as np
import pytest

from training.errors import PositionMapError
from training.face.face_model import FaceModel
from training.face.position_map import (
    MAP_SIDE_TEXELS,
    PositionMapRenderer,
    read_prnet_map,
    sample_position_map,
    write_prnet_map,
)
from training.fitting.fitted_photos import FittedPhotos
from training.layout.keypoints import seen_from_somewhere

TOLERANCE_PX = 0.05
PHOTO_PX_PER_CM = 5.8  # of a face that fills a photo of 120 px, as most of the photos are


@pytest.fixture(scope="module")
def model(face_model_path: Path) -> FaceModel:
    return FaceModel.load(face_model_path)


@pytest.fixture(scope="module")
def renderer(model: FaceModel) -> PositionMapRenderer:
    return PositionMapRenderer.build(model)


def test_a_map_gives_its_vertices_back(model: FaceModel, renderer: PositionMapRenderer) -> None:
    vertices = model.neutral * 8
    sampled = sample_position_map(renderer.render(vertices), model.map_uv)
    assert np.linalg.norm(sampled - vertices, axis=1).max() < TOLERANCE_PX


def test_a_map_gives_the_landmarks_back(model: FaceModel, renderer: PositionMapRenderer) -> None:
    vertices = model.neutral * 8
    sampled = sample_position_map(renderer.render(vertices), model.landmark68_uv)
    assert np.linalg.norm(sampled - model.landmarks68(vertices), axis=1).max() < TOLERANCE_PX


def test_real_photos_give_their_vertices_back(real_data: Path) -> None:
    model = FaceModel.load(real_data / "face_model.npz")
    renderer = PositionMapRenderer.build(model)
    photos = FittedPhotos.load(real_data / "faces.zip", real_data / "fits.npz")
    # Deep inside nostrils, ears and lids more than one vertex shares a texel, and no map of this
    # size can hold them apart; they are never seen.
    seen = seen_from_somewhere(model.neutral, model.neutral)
    seen &= _alone_in_texel(model.map_uv)
    assert seen[: model.mask_vertex_count].mean() > 0.8
    chosen = range(0, len(photos), 2500)
    # Photos differ in size, and a map's error grows with the face: it is judged on the face itself.
    for px_per_cm, vertices in zip(photos.pose.scale[chosen], photos.vertices(model, chosen)):
        vertices *= PHOTO_PX_PER_CM / px_per_cm
        position_map = renderer.render(vertices)
        error = np.linalg.norm(sample_position_map(position_map, model.map_uv) - vertices, axis=1)
        assert np.percentile(error[seen], 99) < TOLERANCE_PX
        landmarks = sample_position_map(position_map, model.landmark68_uv)
        distance = np.linalg.norm(landmarks - model.landmarks68(vertices), axis=1)
        assert np.sort(distance)[-2] < TOLERANCE_PX
        assert distance.max() < 0.15


def _alone_in_texel(uv: np.ndarray) -> np.ndarray:
    cell = np.floor(uv * (MAP_SIDE_TEXELS - 1)).astype(int)
    _, inverse, count = np.unique(cell, axis=0, return_inverse=True, return_counts=True)
    return count[inverse] == 1


def test_fifty_maps_a_second_on_one_core(renderer: PositionMapRenderer, model: FaceModel) -> None:
    start = time.process_time()
    for _ in range(20):
        renderer.render(model.neutral)
    assert 20 / (time.process_time() - start) > 50


def test_the_top_row_is_the_forehead(model: FaceModel, renderer: PositionMapRenderer) -> None:
    position_map = renderer.render(model.neutral)  # y up in model space
    assert position_map[10, 128, 1] > position_map[200, 128, 1]
    assert position_map[128, 10, 0] < position_map[128, 245, 0]


def test_prnet_files_hold_depth_toward_the_viewer_from_zero(
    tmp_path: Path, model: FaceModel, renderer: PositionMapRenderer
) -> None:
    position_map = renderer.render(model.neutral * [1, -1, -1])  # y down, z away
    write_prnet_map(tmp_path / "map.npy", position_map)
    stored = np.load(tmp_path / "map.npy")
    assert stored.shape == (256, 256, 3) and stored.dtype == np.float32
    assert stored[..., 2].min() == 0
    nearest = np.unravel_index(position_map[..., 2].argmin(), (256, 256))
    assert stored[..., 2].argmax() == np.ravel_multi_index(nearest, (256, 256))


def test_prnet_files_round_trip(
    tmp_path: Path, model: FaceModel, renderer: PositionMapRenderer
) -> None:
    position_map = renderer.render(model.neutral)
    write_prnet_map(tmp_path / "map.npy", position_map)
    back = read_prnet_map(tmp_path / "map.npy")
    offset = back[..., 2] - position_map[..., 2]
    assert np.ptp(offset) < 1e-4  # the origin of depth is not kept, its direction and unit are
    np.testing.assert_allclose(back[..., :2], position_map[..., :2])


@pytest.mark.parametrize("shape", [(256, 256), (256, 128, 3), (256, 256, 4)])
def test_a_map_of_another_shape_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    np.save(tmp_path / "bad.npy", np.zeros(shape, np.float32))
    with pytest.raises(PositionMapError, match=r"bad\.npy"):
        read_prnet_map(tmp_path / "bad.npy")


def test_a_damaged_map_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.npy").write_bytes(b"\x93NUMPY garbage")
    with pytest.raises(PositionMapError, match=r"bad\.npy"):
        read_prnet_map(tmp_path / "bad.npy")
