"""What the tests of the edge runtime share: the bundled photo, model and a made-up face."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import (
    Box,
    FaceLandmarker,
    FaceLandmarks,
    HeadPose,
    layout520,
    read_image,
)
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.face_landmarks import Blinking
from edge_runtime.network.bundled_model import MODEL_PATH

ROOT = Path(__file__).parents[2]
PHOTO = ROOT / "edge_runtime" / "photos" / "astronaut.jpg"


@pytest.fixture(scope="session")
def photo_path() -> Path:
    return PHOTO


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    return read_image(PHOTO)


@pytest.fixture(scope="session")
def model_path() -> Path:
    """The bundled model; FACE520_TEST_MODEL tries the tests on another one."""
    path = Path(os.environ.get("FACE520_TEST_MODEL", MODEL_PATH))
    assert path.is_file(), f"{path}: a released model is a file of this repository"
    return path


@pytest.fixture(scope="session")
def landmarker(model_path: Path) -> FaceLandmarker:
    return FaceLandmarker.create(model_path, num_threads=1)


@pytest.fixture(scope="session")
def head(photo) -> np.ndarray:
    """The photo's head alone, RGBA (190, 190, 4), fading out around; its face is 95 px wide."""
    cut = photo[45:235, 130:320]
    y, x = np.mgrid[-1:1:190j, -1:1:190j]
    alpha = np.clip((1 - np.hypot(x, y)) * 5, 0, 1) * 255
    return np.dstack([cut, alpha.astype(np.uint8)])


@pytest.fixture(scope="session")
def scene(head) -> Callable[..., np.ndarray]:
    """Makes a frame (480, 640, 3): scene((x, y, scale, roll_deg), ...) puts a head at each place.

    The face's centre is about 10 px above the head's.
    """
    noise = np.random.default_rng(5).integers(60, 130, (30, 40, 3), dtype=np.uint8)
    background = cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC)

    def make(*heads: tuple[float, float, float, float], size: tuple[int, int] = (640, 480)):
        frame = cv2.resize(background, size)
        for x, y, scale, roll_deg in heads:
            matrix = cv2.getRotationMatrix2D((94.5, 94.5), -roll_deg, scale)
            matrix[:, 2] += (x - 94.5, y - 94.5)
            warped = cv2.warpAffine(head, matrix, size)
            share = warped[:, :, 3:] / np.float32(255)
            frame = np.round(frame + (warped[:, :, :3] - frame) * share).astype(np.uint8)
        return frame

    return make


@pytest.fixture(scope="session")
def clip(scene, tmp_path_factory) -> Path:
    """A video of 30 frames, 640 x 480 px, 25 a second: one head moves to the right."""
    path = tmp_path_factory.mktemp("clip") / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (640, 480))
    for number in range(30):
        frame = scene((250 + 4 * number, 240, 1.2, 0))
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


@pytest.fixture(scope="session")
def run_command(tmp_path_factory) -> Callable[..., subprocess.CompletedProcess]:
    """Runs face520-run in a folder: run_command(folder, *arguments, **options of subprocess)."""

    def run(folder: Path, *arguments: object, **options) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "edge_runtime", *map(str, arguments)],
            cwd=folder,
            env=command_environment(),
            capture_output=True,
            timeout=120,
            check=False,
            **({"text": True} | options),
        )

    return run


@pytest.fixture(scope="session")
def command_env() -> dict[str, str]:
    """The environment in which `python -m edge_runtime` works from any folder."""
    return command_environment()


def command_environment() -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": paths, "COLUMNS": "80"}


@pytest.fixture
def lively_face(face) -> FaceLandmarks:
    """The same with an expression, in which gaze is unknown, and the network's visibility."""
    expression = np.linspace(0, 1, len(BLENDSHAPE_NAMES), dtype=np.float32)
    expression[[name.startswith("eyeLook") for name in BLENDSHAPE_NAMES]] = np.nan
    visibility = np.linspace(0, 1, len(face.points), dtype=np.float32)
    return replace(
        face,
        expression=expression,
        visibility=visibility,
        visibility_from="network",
        blinking=Blinking(blinks=3, yawns=1, closed_ms=120.0, perclos=0.04),
    )


@pytest.fixture
def face() -> FaceLandmarks:
    """The mean face, 200 px large, at (150, 160)."""
    points = layout520().mean_shape * 200 + np.array([150, 160, 0], np.float32)
    visibility = (np.arange(len(points)) % 3 > 0).astype(np.float32)
    return FaceLandmarks(points, 0.9, Box.around(points[:68]), HeadPose(1.0, -2.0, 3.0), visibility)
