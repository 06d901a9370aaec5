import os
import stat
from pathlib import Path

import pytest

from edge_runtime import OutputWriteError
from edge_runtime.atomic_file import whole_file, write_whole


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "last.weights.h5"
    with whole_file(path) as temporary:
        assert temporary.name.endswith(".weights.h5") and temporary.parent == path.parent
        temporary.write_bytes(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new" and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError("no picture"), KeyboardInterrupt()])
def test_what_goes_wrong_meanwhile_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "a.npz"
    path.write_bytes(b"old")
    with pytest.raises(type(error)), whole_file(path) as temporary:
        temporary.write_bytes(b"half")
        raise error
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_an_absent_source_is_not_taken_for_a_full_disk(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "a.npz"):
        Path(tmp_path / "absent.jpg").read_bytes()


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_whole(path, b"old")

    def full_disk(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OutputWriteError, match=r"a\.json.*No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_written_files_can_be_read_by_others(tmp_path):
    write_whole(tmp_path / "a", b"x")
    (tmp_path / "b").write_bytes(b"x")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"}
    assert len(modes) == 1


def test_output_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputWriteError, match=r"cannot be written .* Choose another folder"):
        write_whole(tmp_path / "file" / "a.json", b"")
