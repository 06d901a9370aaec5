"""What a fitted head hides, beside what people say."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks.studies.labels.hidden import HiddenShares, lines
from training.dataset.records import COVERED, HIDDEN_BY_FACE, SEEN
from training.errors import FittedPhotosError


def test_shares_are_of_what_people_said() -> None:
    words = np.array([[SEEN, SEEN, HIDDEN_BY_FACE, COVERED]], np.uint8)
    shares = HiddenShares.of(np.array([[True, False, True, True]]), words)
    assert shares == HiddenShares(hidden=1, seen=2, of_hidden=1.0, of_seen=0.5)
    assert np.isnan(HiddenShares.of(np.ones((1, 1), bool), words[:, 3:]).of_seen)


@pytest.fixture
def data(tmp_path: Path, fitted_photos_paths: tuple[Path, Path], face_model_path: Path) -> Path:
    for path in (*fitted_photos_paths, face_model_path):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_each_part_of_the_face_has_its_line(data: Path) -> None:
    with np.load(data / "fits.npz") as fits:
        arrays = dict(fits)
    words = np.full((len(arrays["name"]), 68), SEEN, np.uint8)
    words[:, :5] = HIDDEN_BY_FACE
    np.savez(data / "fits.npz", **arrays | {"occlusion68": words})
    printed = list(lines(data))
    assert printed[0].startswith("4 faces")
    everything = printed[2].split()
    assert (everything[0], everything[3], everything[6]) == ("all", "20", "252")
    jaw = next(line.split() for line in printed if line.startswith("jaw"))
    assert jaw[3] == "20" and float(jaw[1]) > 0


def test_fits_that_say_nothing_are_named(data: Path) -> None:
    with np.load(data / "fits.npz") as fits:
        silent = {name: array for name, array in fits.items() if name != "occlusion68"}
    np.savez(data / "fits.npz", **silent)
    with pytest.raises(FittedPhotosError, match=r"fits\.npz.*labels version 2"):
        list(lines(data))
