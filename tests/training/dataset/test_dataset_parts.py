"""Datasets built in parts: the same files as a build in one go, joined by their hashes."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.errors import Face520Error
from edge_runtime.layout import LAYOUT520_PATH, layout520
from tests.command import run_main
from training.dataset import builder
from training.dataset.builder import build_dataset
from training.dataset.dataset import Dataset
from training.dataset.manifest import DatasetPart, Manifest
from training.errors import DatasetError
from training.sources.position_map_records import PositionMapSources


@pytest.fixture
def sources(map_folder: Path, monkeypatch: pytest.MonkeyPatch) -> PositionMapSources:
    """Maps for four training shards and one of validation."""
    monkeypatch.setattr(builder, "FACES_PER_SHARD", 6)
    return PositionMapSources(map_folder, LAYOUT520_PATH)


def build(sources: PositionMapSources, folder: Path, part: str | None = None) -> Manifest:
    parsed = DatasetPart.parse(part) if part else None
    return build_dataset(sources, folder, 1, lambda shard, done, total: None, parsed)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_parts_make_the_dataset_of_one_build(sources: PositionMapSources, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    build(sources, whole)
    first, second = build(sources, parts, "1/2"), build(sources, parts, "2/2")
    assert {shard.file for shard in first.shards}.isdisjoint(shard.file for shard in second.shards)
    with pytest.raises(DatasetError, match="holds only parts of a dataset, manifest-00001-of-0000"):
        next(Dataset.open(parts).split("train"))
    stamps = {path.name: path.stat().st_mtime_ns for path in parts.glob("*.tfrecord")}
    joined = build(sources, parts)
    assert content(parts) == content(whole)
    assert (joined.count("train"), joined.count("val")) == (22, 2)
    assert stamps == {path.name: path.stat().st_mtime_ns for path in parts.glob("*.tfrecord")}


@pytest.mark.slow
def test_joining_builds_what_is_missing_or_damaged(
    sources: PositionMapSources, tmp_path: Path
) -> None:
    build(sources, tmp_path, "2/3")
    damaged = next(tmp_path.glob("*.tfrecord"))
    sound = damaged.read_bytes()
    damaged.write_bytes(sound[:-1])
    build(sources, tmp_path)
    assert damaged.read_bytes() == sound
    assert len(list(Dataset.open(tmp_path).split("train"))) == 22


def test_parts_of_other_sources_are_not_joined(sources: PositionMapSources, tmp_path: Path) -> None:
    build(sources, tmp_path, "9/9")  # there is no ninth shard
    other = tmp_path / "other.json"
    other.write_text(LAYOUT520_PATH.read_text() + "\n")
    with pytest.raises(DatasetError, match=r"manifest-00009-of-00009\.json: belongs to a dataset"):
        build(PositionMapSources(sources.position_maps, other), tmp_path)


@pytest.mark.parametrize("text", ["", "2", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/2"])
def test_a_part_is_i_of_n(text: str) -> None:
    with pytest.raises(DatasetError, match="such as 2/4"):
        DatasetPart.parse(text)


def test_a_dataset_carries_its_layout(dataset_path: Path) -> None:
    layout = Dataset.open(dataset_path).layout
    assert layout.reference == "face520/1" and layout is not layout520()


def test_a_dataset_with_another_layouts_file_is_refused(dataset_path: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((dataset_path / "manifest.json").read_bytes())
    assert Dataset.open(tmp_path).layout is layout520()  # as folders of earlier builds are
    text = LAYOUT520_PATH.read_text().replace('"name": "face520"', '"name": "other"')
    (tmp_path / "layout.json").write_text(text)
    with pytest.raises(DatasetError, match=r"layout\.json: is layout other/1"):
        Dataset.open(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "x"}', "null"])
def test_a_damaged_layout_is_named(tmp_path: Path, map_folder: Path, text: str) -> None:
    path = tmp_path / "layout.json"
    path.write_text(text)
    with pytest.raises(Face520Error, match=r"layout\.json: not a layout"):
        build(PositionMapSources(map_folder, path), tmp_path / "set")


@pytest.mark.slow
def test_build_from_maps_and_show(map_folder: Path, tmp_path: Path) -> None:
    given = ("--position-maps", map_folder, "--output", tmp_path / "set", "-j", 1)
    built = run_main("training", "dataset", "build", *given)
    assert built.returncode == 0, built.stderr
    assert "22 faces to train on, 2 held out, layout face520/1" in built.stdout
    sheet = tmp_path / "sheet.jpg"
    shown = run_main(
        "training",
        "dataset",
        "show",
        tmp_path / "set",
        "-o",
        sheet,
        "--split",
        "train",
        "--columns",
        6,
    )
    assert shown.returncode == 0, shown.stderr
    assert cv2.imread(str(sheet)).shape == (4 * 336, 6 * 320, 3)
    yaws = [record.yaw_deg for record in Dataset.open(tmp_path / "set").split("train")]
    assert np.ptp(yaws) > 100


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (("--position-maps", "m", "--photos", "p"), "give --photos with --fits, --open-faces"),
        (("--photos", "p"), "give --photos with --fits, --open-faces"),
        (("--open-faces", "--photos", "p", "--fits", "f"), "give --photos with --fits"),
        (("--open-faces", "--licence", "none"), "licence of --open-faces are known"),
        ((), "give --photos with --fits, --open-faces"),
        (("--position-maps", "m", "--shard", "3/2"), "--shard 3/2: expected I/N"),
        (("--position-maps", "nowhere"), "nowhere: no such folder of position maps"),
        (("--position-maps", ".", "--layout", "none.json"), "none.json: no such layout"),
    ],
)
def test_mistakes_of_a_build_are_explained(
    tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    done = run_main("training", "dataset", "build", *arguments, "-o", tmp_path / "set")
    assert done.returncode == 2
    assert complaint in done.stderr
    assert not (tmp_path / "set").exists()
