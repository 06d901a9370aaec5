"""face520-run from the outside: files, messages and exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import read_image
from edge_runtime.detection.blazeface import BLAZEFACE_PATH
from edge_runtime.results.result_json import read_json

ROOT = Path(__file__).parents[3]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_help_is_a_manual_page(run_command, tmp_path):
    done = run_command(tmp_path, "--help")
    assert done.returncode == 0
    for part in (
        "Usage: face520-run",
        "Photos:",
        "Videos and cameras",
        "Exit codes:",
        "--style",
        "--max-faces",
    ):
        assert part in done.stdout
    assert run_command(tmp_path, "--version").stdout.startswith("face520 ")


def test_a_photo(run_command, tmp_path, model_path, photo_path):
    done = run_command(
        tmp_path, photo_path, "--model", model_path, "--csv", "--npz", "--obj", "--ply"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    results = tmp_path / "face520_out"
    endings = [".csv", ".faces.csv", ".json", ".mtl", ".npz", ".obj", ".ply", "_face520.jpg"]
    assert names_in(results) == [f"astronaut{ending}" for ending in (*endings, "_texture.jpg")]
    for said in ("1 face", " ms", "yaw", "face520_out/astronaut.json"):
        assert said in done.stdout
    result = read_json(results / "astronaut.json")
    assert (result.image, result.width, result.height) == ("astronaut.jpg", 512, 512)
    drawn = read_image(results / "astronaut_face520.jpg")
    assert drawn.shape == (512, 512, 3)
    x, y = np.round(result.faces[0].points[:, :2]).astype(int).T
    changed = np.abs(drawn.astype(int) - read_image(photo_path)).max(axis=2)
    assert changed[y, x].mean() > 5 * changed.mean(), "points are drawn where the face is"


def test_demo(run_command, tmp_path, model_path):
    done = run_command(tmp_path, "--demo", "--model", model_path, "-o", "here")
    assert done.returncode == 0 and names_in(tmp_path / "here")[0] == "astronaut.json"


def test_numbers_only(run_command, tmp_path, model_path, photo_path):
    options = ("--style", "none", "--no-json", "--csv", "--output", tmp_path / "a" / "b")
    done = run_command(tmp_path, photo_path, "--model", model_path, *options)
    assert done.returncode == 0
    assert names_in(tmp_path / "a" / "b") == ["astronaut.csv", "astronaut.faces.csv"]


def test_a_mixed_folder(run_command, tmp_path, model_path, photo):
    """Good and bad files, names that collide, a name with markup; good ones are all processed."""
    bgr = photo[:, :, ::-1]
    for name in ("x.jpg", "x.png", "sub/x.jpg", "[red]y.webp"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / "photos" / name), bgr)
    cv2.imwrite(str(tmp_path / "photos" / "tiny.png"), np.zeros((1, 1, 3), np.uint8))
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"no photo")
    (tmp_path / "photos" / "notes.txt").write_text("not looked at")
    done = run_command(
        tmp_path,
        "photos",
        "absent.jpg",
        "--model",
        model_path,
        "--style",
        "mesh",
        "-o",
        "photos/out",
    )
    assert done.returncode == 1
    assert "broken.jpg: not an image" in done.stderr
    assert "absent.jpg: no such file" in done.stderr
    assert "tiny.png: no face found" in done.stderr
    assert "[red]y.webp: 1 face" in done.stdout and "notes.txt" not in done.stderr
    stems = ["[red]y", "x_jpg", "x_jpg_2", "x_png"]
    expected = sorted([f"{s}.json" for s in stems] + [f"{s}_face520.jpg" for s in stems])
    assert names_in(tmp_path / "photos" / "out") == sorted([*expected, "tiny.json"])
    assert json.loads((tmp_path / "photos" / "out" / "tiny.json").read_text())["faces"] == []
    # A second run does not take the first one's pictures for photos.
    again = run_command(tmp_path, "photos", "--model", model_path, "-o", "photos/out")
    assert again.stdout.count("1 face") == 4 and names_in(tmp_path / "photos" / "out") == sorted(
        [*expected, "tiny.json"]
    )


def blank(path: Path) -> Path:
    cv2.imwrite(str(path), np.full((60, 80, 3), 200, np.uint8))
    return path


@pytest.mark.parametrize(
    ("prepare", "complaint"),
    [
        (lambda folder: [], "No photo given"),
        (lambda folder: ["absent.jpg"], "absent.jpg: no such file"),
        (lambda folder: [folder], "No image in"),
        (lambda folder: [blank(folder / "blank.png")], "blank.png: no face found"),
        (lambda folder: ["--demo", "--style", "stars"], "stars"),
        (lambda folder: ["--demo", "--min-score", "7"], "--min-score"),
        (lambda folder: ["--demo", "--output", blank(folder / "file.png")], "cannot be written"),
    ],
    ids=["nothing", "absent", "empty folder", "no face", "style", "score", "output is a file"],
)
def test_nothing_could_be_done(run_command, tmp_path, model_path, prepare, complaint):
    (tmp_path / "in").mkdir()
    done = run_command(tmp_path, *prepare(tmp_path / "in"), "--model", model_path)
    assert done.returncode == 2
    assert complaint in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        ("absent.tflite", "absent.tflite: no such model file"),
        (BLAZEFACE_PATH, "carries no face520 contract"),
        (Path(__file__), "not a TensorFlow Lite model"),
    ],
    ids=["absent", "foreign", "not a model"],
)
def test_bad_models(run_command, tmp_path, photo_path, model, complaint):
    done = run_command(tmp_path, photo_path, "--model", model)
    assert done.returncode == 2 and complaint in done.stderr
    assert not (tmp_path / "face520_out").exists()


def test_importing_the_library_is_cheap():
    """No command-line or training package comes along; half a second of work on top of OpenCV."""
    program = (
        "import cv2, numpy, sys, time; start = time.process_time(); import edge_runtime; "
        "heavy = {'typer', 'rich', 'tensorflow', 'mediapipe', 'scipy'} & set(sys.modules); "
        "print(time.process_time() - start, heavy or '')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    seconds, *heavy = done.stdout.split()
    assert float(seconds) < 0.5 and not heavy
