"""`face520-train` as a person types it."""

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from edge_runtime import layout520
from tests.command import run_main

face520_train = partial(run_main, "training")


def test_the_package_is_a_command() -> None:
    command = [sys.executable, "-m", "training", "dataset", "show", "nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2 and "nowhere: no dataset here" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [(), ("layout",), ("dataset",), ("dataset", "build"), ("run",), ("evaluate",)]
)
def test_help_is_a_page(command: tuple[str, ...]) -> None:
    done = face520_train(*command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout and len(done.stdout.splitlines()) > 8


@pytest.mark.slow
def test_layout_reports_the_spacing(face_model_path: Path, tmp_path: Path) -> None:
    output, picture = tmp_path / "layout.json", tmp_path / "layout.png"
    done = face520_train(
        "layout", "--face-model", face_model_path, "--output", output, "--picture", picture
    )
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"452 surface points: min \d+\.\d+, median \d+\.\d+, max \d+\.\d+ mm", done.stdout
    )
    assert len(json.loads(output.read_text())["uv"]) == 520
    assert cv2.imread(str(picture)).shape[1] == 1200


@pytest.mark.slow
def test_build_and_show(
    face_model_path: Path, fitted_photos_paths: tuple[Path, Path], tmp_path: Path
) -> None:
    photos, fits = fitted_photos_paths
    sources = ("--photos", photos, "--fits", fits, "--face-model", face_model_path)
    build = ("dataset", "build", *sources, "--output", tmp_path / "set", "-j", 1)
    built = face520_train(*build)
    assert built.returncode == 0, built.stderr
    assert "20 faces to train on, 4 held out" in built.stdout
    assert "Licence: not stated." in built.stdout
    # Said afterwards, the words are written and no shard is built again.
    (shard,) = (tmp_path / "set").glob("train*")
    before = shard.stat().st_mtime_ns
    told = face520_train(*build, "--source", "made up", "--licence", "CC0")
    assert "Models will say: 20 photos (made up)." in told.stdout
    data = json.loads((tmp_path / "set" / "manifest.json").read_text())["data"]
    assert (data["licence"], data["stated_by"]) == ("CC0", "whoever built the dataset")
    assert shard.stat().st_mtime_ns == before
    sheet = tmp_path / "sheet.jpg"
    shown = face520_train("dataset", "show", tmp_path / "set", "-o", sheet, "--columns", 2)
    assert shown.returncode == 0, shown.stderr
    assert cv2.imread(str(sheet)).shape == (2 * 336, 2 * 320, 3)


@pytest.mark.slow
def test_run_evaluate_release(run_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "annotated"
    folder.mkdir()
    cv2.imwrite(str(folder / "image00001.jpg"), np.full((200, 200, 3), 90, np.uint8))
    points = layout520().mean_shape[:68] * 80 + (100, 100, 0)
    annotation = {"pt3d_68": points.T, "Pose_Para": np.zeros((1, 7))}
    savemat(folder / "image00001.mat", annotation)
    scores = tmp_path / "scores.json"
    done = face520_train("evaluate", run_path, folder, "--json", scores)
    assert done.returncode == 0, done.stderr
    assert "mean of bins" in done.stdout
    assert json.loads(scores.read_text())["bins"][0]["faces"] == 1
    release = tmp_path / "release"
    named = ("--name", "tiny", "--version", "0.1.0", "--output", release)
    done = face520_train("release", run_path, *named, "--evaluate", folder)
    assert done.returncode == 0, done.stderr
    stored = json.loads((release / "model.json").read_text())
    assert stored["scores"]["annotated_nme_percent"] > 0
    (learned,) = stored["provenance"]["learned_from"]
    assert (learned["model"], learned["photos"]) == ("tiny 0.1.0", 20)
    assert learned["licence"] == stored["provenance"]["licence"] == "not stated"
    assert "trained on 20 photos (source not stated)" in done.stdout
    for curves in ("curves.csv", "curves.png"):
        assert (release / curves).read_bytes() == (run_path / curves).read_bytes()


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (("layout", "--face-model", "none.npz"), "none.npz: no such face model"),
        (("dataset", "show", "nowhere"), "nowhere: no dataset here"),
        (("dataset", "relabel", "none", "--model", "m", "-o", "o"), "none: no dataset here"),
        (("run", "nothing", "--dataset", "d", "--run", "r"), "no experiment 'nothing'"),
        (("evaluate", "nowhere", "."), "nowhere: holds neither a training run"),
    ],
)
def test_mistakes_are_explained_and_exit_2(arguments: tuple[str, ...], complaint: str) -> None:
    done = face520_train(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
