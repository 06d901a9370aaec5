"""Which files of a command line are photos, films, or left out; and nothing in silence."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.files.input_files import LeftOut, in_frame_order, input_files


def image(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", np.zeros((2, 2, 3), np.uint8))[1].tobytes())
    return path


def test_folders_are_walked_in_natural_order(tmp_path):
    for name in ("b.jpg", "a.PNG", ".hidden.jpg", "sub/c.webp", "out/d.jpg", "f10.png", "f9.png"):
        image(tmp_path / name)
    image(tmp_path / "no_ending")
    (tmp_path / "notes.txt").write_text("Please read this")
    (tmp_path / "broken.heic").write_bytes(b"?")
    files = input_files([tmp_path / "notes.txt", tmp_path], leave_out=tmp_path / "out")
    expected = "notes.txt a.PNG b.jpg broken.heic f9.png f10.png no_ending c.webp"
    assert [path.name for path in files.images] == expected.split()
    assert files.left_out == {LeftOut.OTHER: [tmp_path / "notes.txt"]}


def test_what_is_left_out_is_told(tmp_path):
    image(tmp_path / "a.jpg")
    image(tmp_path / "a_face520.jpg")
    image(tmp_path / "a_texture.jpg")
    image(tmp_path / "b_texture.jpg")  # somebody else's
    (tmp_path / "a.mtl").touch()
    (tmp_path / "film.ogv").write_bytes(b"OggS")
    (tmp_path / "raw.dng").write_bytes(b"II*\0thumbnail")
    (tmp_path / "again").symlink_to(tmp_path)
    files = input_files([tmp_path])
    assert [path.name for path in files.images] == ["a.jpg", "b_texture.jpg"]
    told = "\n".join(files.report())
    for part in ("(1): videos", "film.ogv", "(2): pictures of an earlier run", "raw.dng", "again"):
        assert part in told
    named = input_files([tmp_path / "film.ogv", tmp_path / "a_face520.jpg"])
    assert len(named.images) == len(named.videos) == 1, "what is named is done"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_closed_folders_are_told(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    assert LeftOut.CLOSED in input_files([tmp_path]).left_out


def test_frames_come_in_the_order_of_their_numbers():
    """A shell spells frame*.jpg out as 1, 10, 2; another order is the user's own."""
    names = [Path(f"frame{number}.jpg") for number in (1, 10, 11, 2, 9)]
    assert in_frame_order(names) == [Path(f"frame{number}.jpg") for number in (1, 2, 9, 10, 11)]
    backwards = [Path("2.jpg"), Path("10.jpg"), Path("1.jpg")]
    assert in_frame_order(backwards) == backwards
