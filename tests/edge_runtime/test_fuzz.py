"""Damaged images and models, and arrays of every kind: an error of ours or a result, no crash.

The long form, 2,500 images and 200 models, takes about 20 seconds on two cores.

    FACE520_FUZZ=1 python -m pytest tests/edge_runtime/test_fuzz.py
"""

import os
import subprocess
import sys
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from time import monotonic, process_time

import cv2
import numpy as np
import pytest

from edge_runtime import Face520Error, ImageArrayError, ImageReadError, read_image
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.network.contract import CONTRACT_FILE, ModelContract

IS_LONG = bool(os.environ.get("FACE520_FUZZ"))
IMAGES_PER_FORMAT = 250 if IS_LONG else 15
MODELS = 200 if IS_LONG else 8
LONGEST_S = 10.0
FORMATS = (".jpg", ".png", ".webp", ".bmp", ".tif", ".ppm", ".pgm", ".jp2", ".png16", ".pngrgba")


def encoded(photo: np.ndarray, kind: str) -> bytes:
    small = cv2.resize(photo[:, :, ::-1], (160, 160))
    if kind == ".png16":
        kind, small = ".png", small.astype(np.uint16) * 257
    if kind == ".pngrgba":
        kind, small = ".png", np.dstack([small, small[:, :, 0]])
    if kind == ".pgm":
        small = small[:, :, 0]
    return cv2.imencode(kind, small)[1].tobytes()


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    copy = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        at, kind = int(rng.integers(len(copy))), rng.integers(5)
        if kind == 0:
            # Headers hold what matters most.
            copy[int(rng.integers(min(64, len(copy))))] = int(rng.integers(256))
        elif kind == 1:
            copy[at] = int(rng.integers(256))
        elif kind == 2:
            del copy[at : at + int(rng.integers(1, 200))]
        elif kind == 3:
            copy[at:at] = rng.bytes(int(rng.integers(1, 200)))
        else:
            del copy[max(at, 1) :]
    return bytes(copy)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_images(tmp_path, photo, landmarker, kind):
    path, content = tmp_path / f"x{kind[:4]}", encoded(photo, kind)
    read = 0
    for seed in range(IMAGES_PER_FORMAT):
        path.write_bytes(damaged(content, np.random.default_rng(seed)))
        start = monotonic()
        try:
            image = read_image(path)
        except ImageReadError as error:
            assert str(path) in str(error)
            continue
        finally:
            assert monotonic() - start < LONGEST_S, seed
        read += 1
        assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
        if max(image.shape) < 2000:
            landmarker.detect(image)
    assert read < IMAGES_PER_FORMAT, "some are damaged past reading"


def with_hash(model_path: Path, target: Path) -> Path:
    """The model with its hash in the contract."""
    content = model_path.read_bytes()
    with zipfile.ZipFile(BytesIO(content)) as archive:
        start = min(entry.header_offset for entry in archive.infolist())
    contract = ModelContract.read(model_path)
    object.__setattr__(contract, "flatbuffer_sha256", sha256(content[:start]).hexdigest())
    target.write_bytes(content[:start])
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(CONTRACT_FILE, contract.to_json())
    return target


@pytest.mark.slow
def test_damaged_models(tmp_path, model_path, command_env):
    """In a process of its own, since an interpreter could end it; none may."""
    source = with_hash(model_path, tmp_path / "whole.tflite")
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("fuzz_models.py"), source, str(MODELS), "0"],
        env=command_env,
        capture_output=True,
        text=True,
        timeout=60 + 5 * MODELS,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, (lines[-1:], done.stderr[-2000:])
    assert len([line for line in lines if not line.startswith("start")]) == MODELS
    assert sum(line.startswith("refused") for line in lines) >= 0.8 * MODELS


DTYPES = [np.uint8, np.int8, np.uint16, np.int64, np.float16, np.float32, np.float64, bool,
          np.complex64, object, "S3", "M8[s]"]  # fmt: skip
SHAPES = [(), (0,), (5,), (4, 4), (4, 4, 1), (4, 4, 2), (4, 4, 3), (4, 4, 4), (0, 4, 3), (4, 0, 3),
          (4, 4, 0), (1, 1, 3), (2, 4, 4, 3), (1, 20000, 3), (20000, 1, 3)]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("method", ["detect", "track"])
def test_arrays_of_every_dtype_and_shape(landmarker, dtype, method):
    landmarker.reset_tracking()
    for number, shape in enumerate(SHAPES):
        image = np.zeros(shape, dtype)
        is_good = image.dtype == np.uint8 and image.ndim == 3 and shape[2] == 3
        arguments = (image, float(number)) if method == "track" else (image,)
        if is_good:
            assert getattr(landmarker, method)(*arguments) == []
        else:
            with pytest.raises(ImageArrayError):
                getattr(landmarker, method)(*arguments)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0, 1e30])
def test_floats_are_refused_whatever_they_hold(landmarker, value):
    with pytest.raises(ImageArrayError):
        landmarker.detect(np.full((50, 50, 3), value, np.float32))


@pytest.mark.slow
def test_a_very_large_image(landmarker):
    start = process_time()
    image = np.zeros((12_000, 12_000, 3), np.uint8)
    assert landmarker.detect(image) == []
    assert landmarker.track(image, 1e9) == []
    assert process_time() - start < 60


@pytest.mark.parametrize(
    "region", [(1e9, 1e9, 10), (-500, -500, 5), (5, 5, 1e6), (5, 5, 1e-6)], ids=str
)
def test_squares_far_off(landmarker, photo, region):
    from edge_runtime import CropRegion

    try:
        face = landmarker.landmarks_in(photo, CropRegion(*region))
    except Face520Error:
        return
    assert np.isfinite(face.points).all()


def test_two_landmarkers_in_one_process(model_path, photo):
    with (
        FaceLandmarker.create(model_path, num_threads=1) as one,
        FaceLandmarker.create(model_path, num_threads=2) as other,
    ):
        first, second = one.detect(photo)[0], other.detect(photo)[0]
        np.testing.assert_allclose(first.points, second.points, atol=1e-3)
