"""Golden vectors: what the Python runtime answers, for the Kotlin port to be checked against.

    python -m android_demo.golden build/android/golden

writes `golden.json` and PNG pictures (lossless, so that both sides see the same pixels). The files
follow the models in edge_runtime/models and are made anew by every build; none is committed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import cv2
import numpy as np

from android_demo.face_clips import compared_shapes, counted_clip, smoothed_clip
from android_demo.made_up_model import made_up_outputs, write_made_up_model
from android_demo.recorder import (
    Recorder,
    face_to_golden,
    head_of,
    recorded_detection,
    recorded_faces,
    recorded_far_faces,
    recorded_track,
)
from edge_runtime import HeadPose, read_image
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.detection.blazeface import BLAZEFACE_PATH, BlazeFace
from edge_runtime.detection.far_search import FarSearch
from edge_runtime.face_landmarks import skin_visibility
from edge_runtime.layout import LAYOUT520_PATH, layout520
from edge_runtime.network.contract import ModelContract
from edge_runtime.network.interpreter import TensorInfo
from edge_runtime.pose import (
    head_pose,
    head_transformation,
    in_plane_roll_deg,
    pose_of_rotation,
    rotation_of_pose,
)
from edge_runtime.tracking.one_euro import SETTINGS, OneEuroFilter

PACKAGE = LAYOUT520_PATH.parent
PHOTO = PACKAGE / "photos" / "astronaut.jpg"
CROP_SIZE_PX = 120
MOST_FAR_FACES = 4
# Inside; partly outside; turned; averaged by 2 and by 3; smaller than the crop; far outside.
REGIONS = (
    CropRegion(225.0, 110.0, 150.0),
    CropRegion(10.3, 20.7, 200.25),
    CropRegion(223.4, 118.9, 131.7, 25.0),
    CropRegion(230.1, 200.6, 290.5),
    CropRegion(256.0, 256.0, 380.0, -40.0),
    CropRegion(225.0, 110.0, 33.3),
    CropRegion(900.0, -700.0, 100.0),
)


def write_golden(folder: Path) -> None:
    """Write golden.json and its pictures to a folder. Raises what edge_runtime raises."""
    folder.mkdir(parents=True, exist_ok=True)
    image = read_image(PHOTO)
    _write_png(folder / "photo.png", image)
    _write_png(folder / "small_upside_down.png", _small_upside_down(image))
    _write_png(folder / "far.png", _far(image))
    _write_png(folder / "hinted.png", _hinted(image))
    models = sorted((PACKAGE / "models").glob("face520_*.tflite"))
    golden = {
        "layout": str(LAYOUT520_PATH),
        "detector": str(BLAZEFACE_PATH),
        "crops": [_crop(folder, image, number, region) for number, region in enumerate(REGIONS)],
        "tensors": [_quantized(0.0078125, -1), _quantized(0.0074, 3, "uint8")],
        "models": [_model(folder, image, path) for path in models],
        "made_up_model": _made_up_model(folder, image, models[-1]),
        "detector_run": _detector_run(image),
        "track": recorded_track(image, models[-1]),
        "several": recorded_faces(folder, image, models[-1]),
        "far_film": recorded_far_faces(folder, image, models[-1]),
        "far": recorded_detection(Recorder(models[-1], MOST_FAR_FACES), _far(image)),
        "hinted": recorded_detection(Recorder(models[-1]), _hinted(image)),
        "far_model": ModelContract.read(models[-1]).model_name,
        "most_far_faces": MOST_FAR_FACES,
        "shapes": compared_shapes(),
        "windows": _windows(),
        "smoothing": _smoothed(),
        "smoothed_clip": smoothed_clip(),
        "counted_clip": counted_clip(),
        "poses": _poses(),
        "yuv": _yuv(),
    }
    (folder / "golden.json").write_text(json.dumps(golden))
    screens = {"models": [_for_screens(model) for model in golden["models"]]}
    (folder / "screens.json").write_text(json.dumps(screens))


def _small_upside_down(image: Uint8Image) -> Uint8Image:
    """The photo's head in a grey picture that is too small for BlazeFace's closer looks."""
    picture = np.full((100, 120, 3), 60, np.uint8)
    head = np.ascontiguousarray(image[45:235, 130:320][::-1, ::-1])
    picture[42:92, 62:112] = cv2.resize(head, (50, 50), interpolation=cv2.INTER_AREA)
    return picture


def _far(image: Uint8Image) -> Uint8Image:
    """A large face and two that are too small for the whole picture's search, in 640x480."""
    picture = np.full((480, 640, 3), 60, np.uint8)
    for left, top, side in ((40, 120, 240), (420, 60, 70), (560, 380, 56)):
        head = cv2.resize(head_of(image), (side, side), interpolation=cv2.INTER_AREA)
        picture[top : top + side, left : left + side] = head
    return picture


def _hinted(image: Uint8Image) -> Uint8Image:
    """The photo's head in a grey picture, so small that BlazeFace is not sure of it."""
    picture = np.full((180, 180, 3), 90, np.uint8)
    head = cv2.resize(head_of(image), (42, 42), interpolation=cv2.INTER_AREA)
    picture[100:142, 100:142] = head
    return picture


def _windows() -> Any:
    """The far search's squares in pictures of several sizes."""
    far = FarSearch(BlazeFace())
    return [
        {
            "size": [width, height],
            "squares": [[one.center_x, one.center_y, one.side_px] for one in squares],
        }
        for width, height in ((640, 480), (480, 640), (200, 100), (180, 180))
        for squares in (far.windows((height, width, 3)),)
    ]


def _crop(folder: Path, image: Uint8Image, number: int, region: CropRegion) -> Any:
    name = f"crop{number}.png"
    _write_png(folder / name, region.extract(image, CROP_SIZE_PX))
    return {**_region(region), "size_px": CROP_SIZE_PX, "file": name}


def _quantized(scale: float, zero_point: int, dtype: str = "int8") -> Any:
    info = TensorInfo("image", 0, (1, 4, 4, 3), np.dtype(dtype), scale, zero_point)
    levels = (np.arange(256, dtype=np.float32) - 127.5) / 128
    stored = info.quantize(levels)
    return {
        "type": dtype,
        "scale": scale,
        "zero_point": zero_point,
        "mean": 127.5,
        "std": 128.0,
        "stored": stored.tolist(),
        "real": info.dequantize(stored).tolist(),
    }


def _model(folder: Path, image: Uint8Image, path: Path) -> Any:
    contract = ModelContract.read(path)
    region = replace(REGIONS[2], side_px=180.0)
    recorder = Recorder(path)
    face = recorder.landmarker.landmarks_in(image, region)
    run = recorder.runs[-1]
    _write_png(folder / f"{path.stem}.png", run.crop)
    detection = recorded_detection(recorder, image)
    upside_down = recorded_detection(recorder, np.ascontiguousarray(image[::-1, ::-1]))
    return {
        "path": str(path),
        "name": contract.model_name,
        "input_size_px": contract.input_size_px,
        "named_outputs": contract.outputs,
        "region": _region(region),
        "input": f"{path.stem}.png",
        "input_sum": int(run.crop.astype(int).sum()),
        "outputs": [output.reshape(-1).tolist() for output in run.outputs],
        "face": face_to_golden(face),
        "detection": detection,
        "upside_down": upside_down,
        "small_upside_down": recorded_detection(recorder, _small_upside_down(image)),
    }


def _for_screens(model: Any) -> Any:
    """What tests of the whole app need, which run the networks themselves, in a small file."""
    face = model["detection"]["faces"][0]
    return {**{name: model[name] for name in ("path", "input", "outputs")}, "photo": face}


def _made_up_model(folder: Path, image: Uint8Image, model: Path) -> Any:
    """As `_model`, of one with every output and one too many; and a video of it."""
    path = write_made_up_model(folder, model)
    with made_up_outputs(path), catch_warnings():
        simplefilter("ignore", UserWarning)  # about the output that is not known
        return {
            **_model(folder, image, path),
            "unknown_outputs": ModelContract.read(path).unknown_outputs,
            "track": recorded_track(image, path),
        }


def _detector_run(image: Uint8Image) -> Any:
    detector = BlazeFace()
    faces = detector.detect(image)
    return [
        {"box": [f.box.left, f.box.top, f.box.right, f.box.bottom], "score": f.score} for f in faces
    ]


def _smoothed() -> Any:
    random = np.random.default_rng(7)
    base = layout520().mean_shape * 100 + 200
    steps = np.cumsum(random.normal(0, 2, (12, 1, 3)), axis=0)
    track = (base + steps + random.normal(0, 0.5, (12, *base.shape))).astype(np.float32)
    times = np.cumsum(random.uniform(15, 60, 12))
    # A tenth of the landmarks is enough: each is filtered by itself.
    track = track[:, ::10]
    written: dict[str, Any] = {
        "points": track.tolist(),
        "times_ms": times.tolist(),
        "face_px": 95.5,
    }
    for smoothing, settings in SETTINGS.items():
        one_euro = OneEuroFilter(settings)
        written[smoothing.value] = [
            one_euro.filter(points.T, 95.5, float(time_ms)).T.tolist()
            for points, time_ms in zip(track, times)
        ]
    return written


def _poses() -> Any:
    random = np.random.default_rng(8)
    written = []
    for _ in range(24):
        pose = pose_of_rotation(rotation_of_pose(_random_pose(random)))
        turned = layout520().mean_shape @ rotation_of_pose(pose).T * random.uniform(20, 400)
        points = (turned + random.normal(0, 1.5, turned.shape) + (300, 200, 0)).astype(np.float32)
        found = head_pose(points)
        written.append(
            {
                "points": np.round(points, 3).tolist(),
                "pose": [found.yaw_deg, found.pitch_deg, found.roll_deg],
                "in_plane_roll_deg": in_plane_roll_deg(np.round(points, 3)),
                "transformation": _transformation(np.round(points, 3)),
                "visibility": skin_visibility(np.round(points, 3)).tolist(),
            }
        )
    return written


def _transformation(points: FloatArray) -> Any:
    width, height, fov_deg = 640, 480, 55.0
    matrix = head_transformation(points, (width, height), fov_deg)
    return {
        "width": width,
        "height": height,
        "fov_deg": fov_deg,
        "matrix": matrix.reshape(-1).tolist(),
    }


def _random_pose(random: np.random.Generator) -> HeadPose:
    yaw, pitch, roll = random.uniform((-85, -50, -170), (85, 50, 170))
    return HeadPose(float(yaw), float(pitch), float(roll))


def _yuv() -> Any:
    """Planes of an 8x6 frame and its RGB by the JFIF formula, rounded half up."""
    random = np.random.default_rng(9)
    luma = random.integers(0, 256, (6, 8))
    blue, red = random.integers(0, 256, (2, 3, 4))
    y = luma.astype(float)
    cb, cr = (np.kron(plane - 128.0, np.ones((2, 2))) for plane in (blue, red))
    rgb = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], axis=-1)
    rgb = np.clip(np.floor(rgb + 0.5), 0, 255).astype(int)
    return {
        "width": 8,
        "height": 6,
        "luma": luma.tolist(),
        "blue": blue.tolist(),
        "red": red.tolist(),
        # rot90 turns anticlockwise for k > 0; the frame is turned clockwise.
        "rgb": [np.rot90(rgb, -turn).reshape(-1).tolist() for turn in range(4)],
    }


def _region(region: CropRegion) -> dict[str, float]:
    return {
        "center_x": region.center_x,
        "center_y": region.center_y,
        "side_px": region.side_px,
        "roll_deg": region.roll_deg,
    }


def _write_png(path: Path, image: Uint8Image) -> None:
    cv2.imwrite(str(path), image[:, :, ::-1])


if __name__ == "__main__":
    write_golden(Path(sys.argv[1] if len(sys.argv) > 1 else "build/android/golden"))
