"""`face520-train fit` as a person types it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from edge_runtime import layout520
from edge_runtime.layout import LAYOUT520_PATH
from edge_runtime.photos import DEMO_PHOTO
from tests.command import run_main
from training.dataset.records import LabelSource
from training.face.face_model import FACE_MODEL_PATH
from training.open_faces import OPEN_PHOTOS
from training.sources.fitted_photo_records import FittedPhotoRecords, FittedPhotoSources

# Where a person sees them in the crop of the demo photo: outer corners of the eyes, tip of the
# nose, corners of the mouth, chin.
READ_OFF_PX = {
    36: (53, 52.5), 45: (104.5, 54.5), 30: (77, 75), 48: (59.5, 85.5), 54: (96, 87), 8: (77.5, 118)
}  # fmt: skip


@pytest.mark.parametrize("command", ["fit", "register-mesh", "score-fit"])
def test_help_is_a_page(command: str) -> None:
    done = run_main("training", command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout and len(done.stdout.splitlines()) > 12


def test_neither_tensorflow_nor_mediapipe_is_loaded_before_it_is_needed() -> None:
    code = (
        "import sys, training.cli, training.fitting.fit_run, training.commands.fit;"
        "import training.fitting.face_finder, training.commands.score_fit;"
        "assert not {'tensorflow', 'keras', 'mediapipe'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_mistakes_are_explained_and_exit_2(face_model_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    output = ("--output", tmp_path / "fitted")
    empty = tmp_path / "empty"
    empty.mkdir()
    folder.mkdir()
    shutil.copy(DEMO_PHOTO, folder)
    for photos, model, complaint in (
        (tmp_path / "nowhere", face_model_path, "nowhere: no such folder"),
        (empty, face_model_path, "empty: holds no photo"),
        (folder, tmp_path / "none.npz", "none.npz: no such face model"),
        (folder, face_model_path, "made for another face model"),
    ):
        done = run_main("training", "fit", photos, "--face-model", model, *output)
        assert done.returncode == 2, done.stderr
        assert complaint in done.stderr
    assert not (tmp_path / "fitted").exists()


@pytest.mark.parametrize("kind", ["missing", "without its models"])
def test_mediapipe_that_is_no_use_is_explained(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edge_runtime.errors import Face520Error
    from training.fitting.face_finder import FaceFinder

    package = tmp_path / "mediapipe.py"
    package.write_text("raise ImportError" if kind == "missing" else "")
    for name in [name for name in sys.modules if name.partition(".")[0] == "mediapipe"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        with pytest.raises(Face520Error, match="pip install 'mediapipe"):
            FaceFinder()
    finally:
        sys.modules.pop("mediapipe", None)


@pytest.mark.slow
def test_the_demo_photo_is_fitted_where_its_face_is(tmp_path: Path) -> None:
    pytest.importorskip("mediapipe")
    photos, fitted = tmp_path / "photos", tmp_path / "fitted"
    photos.mkdir()
    shutil.copy(DEMO_PHOTO, photos / "[red].jpg")
    (photos / "broken.jpg").write_bytes(b"no image")
    cv2.imwrite(str(photos / "wall.png"), np.full((300, 400, 3), 120, np.uint8))
    shutil.copy(DEMO_PHOTO, photos / "nan.JPG")
    with (photos / "nan.MAT").open("wb") as file:
        savemat(file, {"pt3d_68": np.full((3, 68), np.nan)})
    (photos / "lost.PTS").write_text("no photo beside it")
    shutil.copy(DEMO_PHOTO, photos / os.fsdecode(b"caf\xe9.jpg"))
    Image.open(DEMO_PHOTO).save(photos / "moving.gif")
    Image.open(DEMO_PHOTO).save(photos / "small.avif")
    command = [sys.executable, "-m", "training", "fit", photos, "--licence", "public domain"]
    done = subprocess.run(
        [*command, "--output", fitted], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "4 faces of 4 photos fitted" in done.stdout and "4 left out" in done.stdout
    assert "W0000" not in done.stderr and "tensorflow" not in done.stderr
    rejected = (fitted / "rejected.csv").read_text()
    reasons = {line.split(",")[0]: line.split(",")[1] for line in rejected.splitlines()[1:]}
    assert reasons == {
        "broken.jpg": "unreadable photo",
        "nan.JPG": "unreadable annotation",
        "wall.png": "no face found",
        "lost.PTS": "annotation without a photo",
    }
    assert cv2.imread(str(fitted / "fits.jpg")).shape[1] % 160 == 0
    with np.load(fitted / "fits.npz") as stored:
        names = stored["name"].tolist()
        assert sorted(names) == ["[red]_1.jpg", "caf%E9_1.jpg", "moving_1.jpg", "small_1.jpg"]
        assert set(stored["label_source"]) == {LabelSource.MESH_AND_MODEL}
        assert stored["label_source68"].shape == (4, 68)
    sources = FittedPhotoSources(
        fitted / "faces.zip", fitted / "fits.npz", FACE_MODEL_PATH, LAYOUT520_PATH
    )
    said = sources.data(sources.held_out())
    assert (said.licence, said.source) == ("public domain", "not stated")
    assert said.labels.startswith("face520 large ") and said.labels.endswith(" and MediaPipe")
    (record,) = FittedPhotoRecords(sources).records([names.index("[red]_1.jpg")])
    assert abs(record.yaw_deg) < 15
    crop, points = record.image(), record.landmarks[:, :2]
    assert crop.shape == (160, 160, 3) and len(points) == len(layout520())
    miss_px = np.linalg.norm(points[list(READ_OFF_PX)] - list(READ_OFF_PX.values()), axis=1)
    assert miss_px.max() < 4


@pytest.mark.slow
def test_the_open_faces_are_a_dataset_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three of the 102 people."""
    pytest.importorskip("mediapipe")
    people = tmp_path / "people"
    for person in sorted(OPEN_PHOTOS.iterdir())[:3]:
        shutil.copytree(person, people / person.name)
    monkeypatch.setattr("training.open_faces.OPEN_PHOTOS", people)
    build = ("dataset", "build", "--open-faces", "--output", tmp_path / "set", "-j", 1)
    done = run_main("training", *build)
    assert done.returncode == 0, done.stderr
    assert "4 faces to train on, 2 held out" in done.stdout
    data = json.loads((tmp_path / "set" / "manifest.json").read_text())["data"]
    assert (data["licence"], data["stated_by"]) == ("CC BY 4.0", "the set's page")
    fits = tmp_path / "set" / "open_faces" / "fits.npz"
    before = fits.stat().st_mtime_ns
    assert run_main("training", *build).returncode == 0
    assert fits.stat().st_mtime_ns == before
