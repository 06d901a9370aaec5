"""What the tests of training share: a dataset written in a moment, maps of the mean face."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator

from edge_runtime import layout520
from edge_runtime.image_file import encode_jpeg
from edge_runtime.pose import HeadPose, rotation_of_pose
from tests.training.run.tiny_run import experiment
from training.dataset.dataset import Dataset
from training.dataset.manifest import LAYOUT_FILE, Manifest, Shard, file_sha256
from training.dataset.records import FaceRecord, write_shard
from training.face.position_map import uv_to_texel, write_prnet_map

SIDE_PX = 96
SHARDS = (("train", 0, 14), ("train", 1, 10), ("val", 0, 8))


def _face(number: int) -> FaceRecord:
    """Noise with a ring in it, and the layout's mean shape around the ring."""
    rng = np.random.default_rng(number)
    center = rng.uniform(-6, 6, 2) + SIDE_PX / 2
    image = rng.integers(0, 60, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
    cv2.circle(image, tuple(center.astype(int).tolist()), 18, (200, 180, 160), 8)
    shape = layout520().mean_shape * rng.uniform(30, 40, 3) + rng.normal(0, 1, (520, 3))
    landmarks = (shape + np.array([*center, 0])).astype(np.float32)
    return FaceRecord(f"face_{number:03d}", encode_jpeg(image), landmarks, number - 12.5)


@pytest.fixture(scope="session")
def tiny_faces() -> list[FaceRecord]:
    """The faces of `tiny_dataset`: 24 to train on, then 8 to validate."""
    return [_face(number) for number in range(32)]


@pytest.fixture(scope="session")
def tiny_dataset(tiny_faces: list[FaceRecord], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shards to train on, one to validate."""
    directory = tmp_path_factory.mktemp("tiny") / "faces"
    directory.mkdir()
    shards, faces = [], iter(tiny_faces)
    for split, part, count in SHARDS:
        path = directory / f"{split}-{part:05d}.tfrecord"
        write_shard(path, [next(faces) for _ in range(count)])
        shards.append(Shard(path.name, split, count, file_sha256(path)))
    (directory / LAYOUT_FILE).write_text(json.dumps(layout520().to_json()))
    manifest = Manifest(layout520().reference, len(layout520()), {"made": "up"}, tuple(shards))
    manifest.write(Manifest.path_in(directory))
    return directory


@pytest.fixture(scope="session")
def half_run(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of tiny_run.py, stopped after the first of its two epochs."""
    from training.run.run_folder import RunFolder
    from training.run.train import train

    path = tmp_path_factory.mktemp("half") / "run"

    def stop_after_it(self: RunFolder, *settings: float) -> None:
        usual(self, *settings)
        raise KeyboardInterrupt

    def keep_signals_alive(model: Any, *_: object) -> None:
        """Random kernels of gain 1; without, a frozen batch norm lets nothing through."""
        for layer in model.layers:
            if "conv" in layer.name or "wise" in layer.name:
                for kernel in [w for w in layer.weights if len(w.shape) == 4]:
                    value = np.asarray(kernel)
                    axes = (0, 1) if value.shape[-1] == 1 else (0, 1, 2)
                    norm = np.sqrt(np.square(value).sum(axis=axes, keepdims=True))
                    kernel.assign(value / norm * np.sqrt(2))

    usual = RunFolder.finish_epoch
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(RunFolder, "finish_epoch", stop_after_it)
        patch.setattr("training.run.train.set_start_weights", keep_signals_alive)
        train(experiment(), Dataset.open(tiny_dataset), RunFolder(path), verbose=0)
    return path


@pytest.fixture(scope="session")
def finished_run(
    tiny_dataset: Path, half_run: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The same run after its second epoch, trained by one process under TensorFlow."""
    from training.run.run_folder import RunFolder
    from training.run.train import train

    path = Path(shutil.copytree(half_run, tmp_path_factory.mktemp("finished") / "run"))
    train(experiment(), Dataset.open(tiny_dataset), RunFolder(path), resume=True, verbose=0)
    return path


@pytest.fixture(scope="session")
def mean_face_map() -> np.ndarray:
    """The layout's mean face over its own UV: (256, 256, 3), z away from the viewer."""
    layout = layout520()
    texels = uv_to_texel(layout.uv)
    grid = np.stack(np.meshgrid(np.arange(256.0), np.arange(256.0)), axis=-1)
    inside = LinearNDInterpolator(texels, layout.mean_shape)(grid)
    around = NearestNDInterpolator(texels, layout.mean_shape)(grid)
    return np.where(np.isnan(inside), around, inside)


@pytest.fixture(scope="session")
def write_map(mean_face_map: np.ndarray) -> Callable[[Path, float], None]:
    """Writes NAME.npy as PRNet does, and NAME.jpg: the mean face in the middle, turned."""

    def write(path: Path, yaw_deg: float) -> None:
        rotation = rotation_of_pose(HeadPose(yaw_deg, 5, -10))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_prnet_map(path, mean_face_map @ rotation.T * 110 + (128, 128, 0))
        image = np.random.default_rng(abs(int(yaw_deg))).integers(0, 256, (16, 16, 3), np.uint8)
        large = cv2.resize(image, (256, 256), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(path.with_suffix(".jpg")), large)

    return write


@pytest.fixture(scope="session")
def map_folder(
    write_map: Callable[[Path, float], None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """24 maps in two subfolders, turned from -69 to 69 degrees."""
    folder = tmp_path_factory.mktemp("maps")
    for number in range(24):
        write_map(folder / "AB"[number // 12] / f"face_{number % 12:02d}.npy", 6 * number - 69)
    return folder
