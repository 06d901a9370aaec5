"""face520-run in real hands: odd files, odd names, streams that take nothing."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import read_image
from edge_runtime.results.result_json import read_json

CASES = Path(__file__).parents[1] / "cases"


@pytest.fixture
def shell(command_env, tmp_path, photo_path):
    """Runs a line of shell in which $RUN is face520-run and $PHOTO a photo."""

    def run(line: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            line,
            shell=True,
            cwd=tmp_path,
            env=command_env
            | {"RUN": f"{sys.executable} -m edge_runtime", "PHOTO": str(photo_path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize(
    ("line", "code", "complaint"),
    [
        ("$RUN $PHOTO > /dev/full", 1, "standard output: cannot be written (No space left"),
        ("$RUN $PHOTO --json - > /dev/full", 2, "standard output: cannot be written (No space"),
        ("$RUN --help > /dev/full", 1, "standard output: cannot be written (No space left"),
        ("$RUN absent.jpg 2> /dev/full", 2, ""),
        ("$RUN $PHOTO >&-", 0, ""),
        ("$RUN $PHOTO --json - >&-", 2, "standard output: cannot be written"),
        ("$RUN $PHOTO 2>&-", 0, ""),
        ("$RUN $PHOTO <&- >&- 2>&-", 0, ""),
        ("$RUN --raw 8x8 <&-", 2, "no face found in 0 frames"),
        ("$RUN $PHOTO $PHOTO $PHOTO --json - | head -c 9 > /dev/null", 0, ""),
        ("$RUN --version | true", 0, ""),
        ("$RUN $PHOTO --threads 100000", 2, "--threads"),
    ],
)
def test_streams_that_take_or_give_nothing(shell, line, code, complaint):
    """A line, not a traceback, and no crash when Python ends; the files are done all the same."""
    done = shell(line)
    assert done.returncode == code, done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


def test_files_are_written_though_reports_are_not(shell, tmp_path):
    shell("$RUN $PHOTO -o here > /dev/full")
    assert (tmp_path / "here" / "astronaut.json").is_file()


def test_a_photo_larger_than_the_memory_stops_nothing(run_command, tmp_path, photo_path):
    level = np.random.default_rng(0).integers(0, 255, (300, 400, 1), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "big.png"), level.repeat(30, 0).repeat(30, 1))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (700_000_000, -1))

    arguments = ("big.png", photo_path, "--threads", 1, "--no-json")
    done = run_command(tmp_path, *arguments, preexec_fn=limit)
    assert done.returncode == 1, done.stderr
    assert "big.png" in done.stderr and "allocate" in done.stderr
    assert "Traceback" not in done.stderr
    assert "1 face" in done.stdout


def test_names_that_are_not_utf8(run_command, tmp_path, photo_path):
    """Results get names that every program reads, and name one another by them."""
    photo = tmp_path / "in" / os.fsdecode(b"caf\xe9 [1].jpg")
    photo.parent.mkdir()
    photo.write_bytes(photo_path.read_bytes())
    film = tmp_path / os.fsdecode(b"fil\xe9m.mp4")
    film.write_bytes((CASES / "rpicam.h264").read_bytes())
    formats = ("--obj", "--csv", "--npz", "--ply")
    done = run_command(tmp_path, "in", film, *formats, "-o", "out", "--max-frames", 3)
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert "caf%E9 [1].json" in names and "fil%E9m_face520.mp4" in names
    assert read_json(tmp_path / "out" / "caf%E9 [1].json").image == "caf%E9 [1].jpg"
    assert "caf%E9 [1]_texture.jpg" in (tmp_path / "out" / "caf%E9 [1].mtl").read_text()
    lines = run_command(tmp_path, photo, "--json", "-").stdout
    assert json.loads(lines)["image"] == "caf%E9 [1].jpg"


def test_results_beside_the_photos_are_not_eaten_by_the_next_run(run_command, tmp_path, photo_path):
    (tmp_path / "a.jpg").write_bytes(photo_path.read_bytes())
    first = run_command(tmp_path, ".", "-o", ".", "--obj")
    names = sorted(path.name for path in tmp_path.iterdir())
    again = run_command(tmp_path, ".", "-o", ".", "--obj")
    assert first.returncode == again.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert "(2): pictures of an earlier run" in again.stdout


def test_a_result_never_replaces_its_input(run_command, tmp_path, photo_path):
    film, photo = tmp_path / "film.mp4", tmp_path / "a_face520.jpg"
    film.write_bytes((CASES / "damaged_middle.mp4").read_bytes())
    done = run_command(tmp_path, film, "--output", film)
    assert done.returncode == 2 and "would replace the input" in done.stderr
    assert film.read_bytes() == (CASES / "damaged_middle.mp4").read_bytes()
    photo.write_bytes(photo_path.read_bytes())
    (tmp_path / "a.jpg").write_bytes(photo_path.read_bytes())
    done = run_command(tmp_path, "a_face520.jpg", "a.jpg", "-o", ".")
    assert photo.read_bytes() == photo_path.read_bytes(), done.stderr
    assert done.returncode == 1 and "would replace a photo" in done.stderr


def test_photos_obey_min_presence(run_command, tmp_path):
    cat = CASES / "cat.jpg"
    done = run_command(tmp_path, cat, CASES / "phantom.png")
    assert done.returncode == 2 and done.stderr.count("no face found") == 2
    assert not list(tmp_path.glob("**/*_face520.jpg"))
    assert "1 face" in run_command(tmp_path, cat, "--min-presence", 0).stdout
    assert "--min-presence" in run_command(tmp_path, "--help").stdout


def test_a_damaged_film_is_told_and_exits_with_1(run_command, tmp_path):
    done = run_command(tmp_path, CASES / "damaged_middle.mp4", "--json", "-")
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 74
    assert "74 of 75 frames" in done.stderr and "MB" not in done.stderr, "FFmpeg keeps quiet"


def test_kinds_by_content(run_command, tmp_path, photo_path):
    """A film without ending, a photo with a film's, a bare stream with its frame rate."""
    (tmp_path / "film").write_bytes((CASES / "rpicam.h264").read_bytes())
    (tmp_path / "photo.mp4").write_bytes(photo_path.read_bytes())
    arguments = ("film", "photo.mp4", "--max-frames", 3, "-o", "out")
    done = run_command(tmp_path, *arguments)
    assert done.returncode == 0 and "holds no times" in done.stderr
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["film.jsonl", "film_face520.mp4", "photo.json", "photo_face520.jpg"]
    timed = run_command(tmp_path, "film", "--fps", 50, "--max-frames", 3, "--json", "-")
    assert [json.loads(line)["time_ms"] for line in timed.stdout.splitlines()] == [0, 20, 40]
    assert timed.stderr.count("holds no times") == 0


def test_a_sequence_whose_numbers_have_no_zeros(run_command, tmp_path, photo):
    """frame1, frame2, frame10; the picture's size tells which is which."""
    (tmp_path / "frames").mkdir()
    numbers = (1, 2, 9, 10, 11)
    for number in numbers:
        picture = photo[: 300 + number, :, ::-1]
        cv2.imwrite(str(tmp_path / "frames" / f"frame{number}.jpg"), picture)
    for given in (["frames"], sorted(str(path) for path in (tmp_path / "frames").iterdir())):
        done = run_command(tmp_path, *given, "--sequence", "--json", "-")
        heights = [json.loads(line)["height"] for line in done.stdout.splitlines()]
        assert heights == [300 + number for number in numbers]


def test_a_folder_of_everything_a_phone_makes(run_command, tmp_path, photo):
    pillow = pytest.importorskip("PIL.Image")
    pytest.importorskip("pillow_heif").register_heif_opener()
    folder = tmp_path / "phone"
    folder.mkdir()
    for name in ("a.heic", "b.avif", "c.gif", "d.webp"):
        pillow.fromarray(photo).save(folder / name)
    os.mkfifo(folder / "pipe.jpg")
    (folder / "film.mp4").write_bytes((CASES / "damaged_middle.mp4").read_bytes())
    done = run_command(tmp_path, "phone", "--style", "none")
    assert done.returncode == 1 and done.stdout.count("1 face") == 4, done.stderr
    assert "pipe.jpg: a pipe" in done.stderr and "film.mp4" in done.stdout
    assert read_image(folder / "a.heic").shape == photo.shape
