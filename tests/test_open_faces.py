"""`make train` on some of the people whose photos come along: every step runs, and the file it ends
with says what it was trained on to readers that know nothing of face520."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from edge_runtime.image_file import read_image
from training.open_faces import OPEN_PHOTOS, open_photos

REPOSITORY = Path(__file__).parents[1]
# Int8's ranges need more faces than the head has codes (64).
PEOPLE = 40
MODULES = {
    "face520-run": "edge_runtime",
    "face520-train": "training",
    "face520-convert": "conversion",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that training/open_faces/train.sh writes."""
    folder = tmp_path_factory.mktemp("open")
    photos, commands = folder / "photos", folder / "commands"
    for person in sorted(OPEN_PHOTOS.iterdir())[:PEOPLE]:
        shutil.copytree(person, photos / person.name)
    commands.mkdir()
    lines = {name: f"-m {module} " for name, module in MODULES.items()} | {"python": ""}
    for name, module in lines.items():
        command = commands / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module}"$@"\n')
        command.chmod(0o755)
    script = REPOSITORY / "training" / "open_faces" / "train.sh"
    environment = os.environ | {"PATH": f"{commands}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", script, folder / "made", photos],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "== 8 of 8" in done.stdout
    return folder / "made"


def test_the_photos_are_small_enough_to_come_along() -> None:
    assert len(open_photos()) == 204
    assert sum(path.stat().st_size for path in open_photos()) < 3_000_000
    assert {read_image(path).shape for path in open_photos()[::20]} == {(384, 384, 3)}


@pytest.mark.slow
def test_every_step_leaves_what_it_says(made: Path) -> None:
    for name in ("faces.jpg", "fitted/fits.jpg", "run/curves.png", "demo/astronaut_face520.jpg"):
        assert read_image(made / name).size > 0
    scores = {
        name: json.loads((made / name / "scores.json").read_text())
        for name in ("before", "after", "after_int8")
    }
    assert len(scores) == 3 and scores["before"].keys() == scores["after"].keys()


@pytest.mark.slow
def test_nobody_is_on_both_sides(made: Path) -> None:
    import numpy as np

    with np.load(made / "fitted" / "fits.npz") as fits:
        people = {name.split("_")[0] for name in fits["name"][fits["val"]]}
        others = {name.split("_")[0] for name in fits["name"][~fits["val"]]}
    assert people and others and not people & others


@pytest.mark.slow
def test_the_file_tells_the_truth_to_other_readers(made: Path) -> None:
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema
    from tensorflow.lite.python import schema_py_generated as lite

    path = made / "models" / "face520_open_faces_int8.tflite"
    with zipfile.ZipFile(path) as archive:
        contract = json.loads(archive.read("face520.json"))
    model = lite.ModelT.InitFromObj(lite.Model.GetRootAsModel(path.read_bytes(), 0))
    (stored,) = [one for one in model.metadata if one.name == b"TFLITE_METADATA"]
    buffer = bytes(model.buffers[stored.buffer].data)
    metadata = schema.ModelMetadataT.InitFromObj(
        schema.ModelMetadata.GetRootAsModelMetadata(buffer, 0)
    )
    counts = json.loads((made / "dataset" / "manifest.json").read_text())["data"]
    told = contract["training_data"]
    assert told.startswith(
        f"{counts['photos']} photos and {counts['turned']} turned copies "
        "(Face Research Lab London Set, doi:10.6084/m9.figshare.5047666.v5; "
        "labels by face520 large "
    )
    assert "and MediaPipe); before, as main " in told
    assert counts["photos"] + counts["held_out"] == 2 * PEOPLE
    # What the released weights had learned from is not forgotten.
    released = json.loads(
        (REPOSITORY / "training" / "released" / "main" / "model.json").read_text()
    )
    for one in released["provenance"]["learned_from"]:
        assert one["model"] in told or one["model"] == "", one
        assert one["source"] in told
    assert contract["licence"].startswith(
        "this file: Apache-2.0; photos: CC BY 4.0, as whoever built the dataset says "
        "(open_faces 0.1.0); non-commercial research"
    )
    assert metadata.license.decode() == contract["licence"]
    assert told in metadata.description.decode()
