"""`face520-train evaluate` as a person types it, on copies of the bundled photo."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from edge_runtime import FaceLandmarker, read_image
from edge_runtime.network.bundled_model import MODEL_PATH
from edge_runtime.photos import DEMO_PHOTO
from tests.command import run_main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos labelled with what the model finds; the second's labels lie beside its face."""
    path = tmp_path_factory.mktemp("faces")
    with FaceLandmarker.create() as landmarker:
        points = landmarker.detect(read_image(DEMO_PHOTO))[0].ibug68
    labels = []
    for name, yaw_deg, shift_px in (("image00001", 10, 0), ("image00002", 40, 250)):
        shutil.copy(DEMO_PHOTO, path / f"{name}.jpg")
        moved = points + np.array([shift_px, shift_px, 0], np.float32)
        pose = np.radians([[0.0, yaw_deg, 0.0, 0, 0, 0, 1]])
        savemat(path / f"{name}.mat", {"pt3d_68": moved.T, "Pose_Para": pose})
        labels.append(moved[:, :2].T)
    np.save(path / "reannotated_pts68.npy", np.array(labels, np.float32))
    (path / "names.txt").write_text("image00001.jpg\nimage00002.jpg\n")
    return path


@pytest.fixture(scope="module")
def output(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scores") / "new"
    command = [sys.executable, "-m", "training", "evaluate", MODEL_PATH, folder, "--end-to-end"]
    done = subprocess.run([*command, "--output", path], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "annotated" in done.stdout and "mean of bins" in done.stdout
    assert "missed" in done.stdout and "worst.jpg" in done.stdout
    assert done.stderr == ""
    return path


def test_sums(output: Path) -> None:
    scores = json.loads((output / "scores.json").read_text())
    # The first photo's labels are the model's own but for the crop; the second's face is missed.
    assert scores["bins"][0]["nme_percent"] < 2 < scores["bins"][1]["nme_percent"]
    assert scores["missed"] == 1 and scores["end_to_end"]["missed_in_bins"] == [0, 1, 0]
    assert scores["found_nme_percent"] < 2
    assert scores["end_to_end"]["failure_percent"] == 50
    assert scores["reannotated"]["nme_percent"] == pytest.approx(scores["nme_percent"], rel=1e-4)


def test_sums_have_the_names_of_the_benchmarks(output: Path) -> None:
    pydantic = pytest.importorskip("pydantic")
    from benchmarks.accuracy import Accuracy

    scores = json.loads((output / "scores.json").read_text())
    measured_there = {"model_bytes": 1, "median_ms": 1.0}
    read = pydantic.TypeAdapter(Accuracy).validate_python(scores | measured_there)
    assert read.bins[0].nme_percent == scores["bins"][0]["nme_percent"]
    assert read.model == "main_int8" and read.faces == 2 and read.missed == 1


def test_every_face_has_a_line(output: Path) -> None:
    with (output / "faces.csv").open() as file:
        first, second = csv.DictReader(file)
    assert first["name"] == "image00001.jpg" and float(first["yaw_deg"]) == pytest.approx(10)
    regions = [float(first[f"{name}_percent"]) for name in ("jaw", "brows", "nose", "eyes")]
    assert min(regions) < float(first["nme_percent"]) < max(regions)
    assert float(first["end_to_end_nme_percent"]) < 2
    assert second["end_to_end_nme_percent"] == ""


def test_pictures(output: Path) -> None:
    assert cv2.imread(str(output / "worst.jpg")).shape == (336, 2 * 320, 3)
    assert cv2.imread(str(output / "ced.png")) is not None


@pytest.mark.skipif(os.name != "posix", reason="paths below a file are a POSIX matter")
@pytest.mark.parametrize(
    "arguments, complaint",
    [
        ((MODEL_PATH,), "Nothing to evaluate on"),
        (("run", "{faces}", "--end-to-end"), "--end-to-end runs the detector and a .tflite"),
        ((MODEL_PATH, "{empty}"), "holds no .jpg"),
        (("none.tflite", "{faces}"), "none.tflite: no such model file"),
        ((MODEL_PATH, "{faces}", "--output", "{faces}/names.txt/x"), "cannot be written"),
        ((MODEL_PATH, "{faces}", "--json", "{faces}/names.txt/x.json"), "cannot be written"),
        ((MODEL_PATH, "--presence", "{empty}"), "no dataset here"),
        ((MODEL_PATH, "--held-out", "{empty}"), "no dataset here"),
    ],
)
def test_mistakes_are_explained_and_exit_2(
    folder: Path, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    words = [str(one).format(faces=folder, empty=tmp_path) for one in arguments]
    done = run_main("training", "evaluate", *words)
    assert done.returncode == 2, done.stdout
    assert complaint in done.stderr
