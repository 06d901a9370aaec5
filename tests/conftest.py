"""What all tests share: a made-up face model, photos with fits, and the real data when it is there.

The made-up face is a bent sheet over the unit square of UV. It has the real one's arrays and the
real layout's 68 landmarks, so every station of the line runs on it in seconds.
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings

from edge_runtime import layout520, read_image
from edge_runtime.photos import DEMO_PHOTO

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# A loaded machine is no bug: examples may take as long as they need.
settings.register_profile("face520", deadline=None)
settings.load_profile("face520")

# Where the real photos and fits are, if they are; CONTRIBUTING.md lists what the folder holds.
REAL_DATA = Path(os.environ.get("FACE520_DATA") or Path(__file__).parents[2] / "shared" / "data")
GRID = 48
PHOTO_COUNT = 24
PHOTO_SIDE_PX = 160


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real photos, fits and the ICT face model; most machines have none."""
    if not (REAL_DATA / "face_model.npz").is_file():
        pytest.skip(f"no face_model.npz in {REAL_DATA}; FACE520_DATA names the real data's folder")
    return REAL_DATA


def _sheet() -> dict[str, np.ndarray]:
    """Vertices, UV and triangles of a face-sized sheet bent around the head."""
    side = np.linspace(0.01, 0.99, GRID, dtype=np.float32)
    u, v = (grid.ravel() for grid in np.meshgrid(side, side))
    angle = (u - 0.5) * np.pi * 0.9
    x, y, z = 8 * np.sin(angle), (v - 0.45) * 22, 9 * np.cos(angle) + 3 * np.exp(-((v - 0.55) ** 2))
    corner = np.arange(GRID * GRID).reshape(GRID, GRID)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, :-1], corner[1:, 1:]
    triangles = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, d), (a, d, c))])
    return {
        "neutral": np.stack([x, y, z], axis=-1).astype(np.float32),
        "uv": np.stack([u, v], axis=-1),
        "triangles": triangles.astype(np.int32),
    }


def _locate(uv: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Triangle corners and barycentric weights of points in the regular UV grid."""
    step = uv[1, 0] - uv[0, 0]
    place = (points - uv[0]) / step
    cell = np.clip(np.floor(place).astype(int), 0, GRID - 2)
    right, up = (place - cell).T
    base = cell[:, 1] * GRID + cell[:, 0]
    lower = right >= up
    third = np.where(lower, base + 1, base + GRID)
    vertices = np.stack([base, third, base + GRID + 1], axis=-1)
    far, middle = np.minimum(right, up), np.abs(right - up)
    weights = np.stack([1 - far - middle, middle, far], axis=-1)
    return vertices.astype(np.int32), weights.astype(np.float32)


@pytest.fixture(scope="session")
def face_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face model file with smooth random modes."""
    sheet = _sheet()
    rng = np.random.default_rng(1)
    u, v = sheet["uv"].T

    def modes(count: int) -> np.ndarray:
        wave = rng.uniform(1, 6, (count, 2, 1))
        shape = np.sin(wave[:, 0] * u + rng.uniform(0, 6, (count, 1))) * np.cos(wave[:, 1] * v)
        return np.round(shape[..., None] * rng.uniform(-100, 100, (count, 1, 3))).astype(np.int8)

    vertices, weights = _locate(sheet["uv"], layout520().uv[:68])
    path = tmp_path_factory.mktemp("model") / "face_model.npz"
    np.savez(
        path,
        **sheet,
        identity_q=modes(100),
        identity_scale=np.full(100, 4e-4, np.float32),
        expression_q=modes(53),
        expression_scale=np.full(53, 2e-3, np.float32),
        expression_names=np.array([f"e{i}" for i in range(53)]),
        landmark68_vertices=vertices,
        landmark68_weights=weights,
        region_names=np.array(["face_mask", "full_face", "head"]),
        region_stop=np.array([GRID * GRID] * 3),
    )
    return path


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    """The bundled photo, RGB."""
    return read_image(DEMO_PHOTO)


@pytest.fixture(scope="session")
def layout_path(face_model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layout that belongs to the made-up face."""
    from training.face.face_model import FaceModel
    from training.face.position_map import PositionMapRenderer
    from training.layout.keypoints import choose_layout

    model = FaceModel.load(face_model_path)
    layout = choose_layout(model, PositionMapRenderer.build(model))
    path = tmp_path_factory.mktemp("layout") / "layout.json"
    path.write_text(json.dumps(layout.to_json()))
    return path


@pytest.fixture(scope="session")
def fitted_photos_paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A zip of smooth random photos and the fits of faces at many yaws."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(2)
    names = [f"face_{number:03d}.png" for number in range(PHOTO_COUNT)]
    with zipfile.ZipFile(folder / "faces.zip", "w") as archive:
        for name in names:
            coarse = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)
            image = cv2.resize(
                coarse, (PHOTO_SIDE_PX, PHOTO_SIDE_PX), interpolation=cv2.INTER_CUBIC
            )
            archive.writestr(name, cv2.imencode(".png", image)[1].tobytes())
    yaw = np.radians(rng.uniform(-80, 80, PHOTO_COUNT))
    rotation = np.zeros((PHOTO_COUNT, 3, 3), np.float32)
    rotation[:, 0, 0], rotation[:, 0, 2] = np.cos(yaw), np.sin(yaw)
    rotation[:, 1, 1] = -1
    rotation[:, 2, 0], rotation[:, 2, 2] = np.sin(yaw), -np.cos(yaw)
    translation = np.full((PHOTO_COUNT, 3), PHOTO_SIDE_PX / 2, np.float32)
    np.savez(
        folder / "fits.npz",
        name=np.array(names),
        val=np.arange(PHOTO_COUNT) % 6 == 0,
        identity_q=rng.normal(0, 32, (PHOTO_COUNT, 100)).clip(-127, 127).astype(np.int8),
        expression_q=rng.integers(0, 60, (PHOTO_COUNT, 53)).astype(np.int8),
        rotation=rotation,
        scale=rng.uniform(4, 5, PHOTO_COUNT).astype(np.float32),
        translation=translation,
        residual68_q=rng.normal(0, 8, (PHOTO_COUNT, 68, 3)).astype(np.int16),
    )
    return folder / "faces.zip", folder / "fits.npz"


@pytest.fixture(scope="session")
def dataset_path(
    face_model_path: Path,
    layout_path: Path,
    fitted_photos_paths: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A dataset built from the made-up photos."""
    from training.dataset.builder import build_dataset
    from training.sources.fitted_photo_records import FittedPhotoSources

    path = tmp_path_factory.mktemp("dataset") / "faces"
    sources = FittedPhotoSources(*fitted_photos_paths, face_model_path, layout_path)
    build_dataset(sources, path, processes=1, on_shard=lambda shard, done, total: None)
    return path


@pytest.fixture(scope="session")
def run_path(dataset_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs with a network small enough for a test."""
    from tests.tiny_network import TINY
    from training.dataset.dataset import Dataset
    from training.experiment import Experiment
    from training.run.run_folder import RunFolder
    from training.run.train import train

    experiment = Experiment(name="tiny", model=TINY, epochs=2, batch_size=4)
    path = tmp_path_factory.mktemp("run") / "tiny"
    train(experiment, Dataset.open(dataset_path), RunFolder(path), verbose=0)
    return path
