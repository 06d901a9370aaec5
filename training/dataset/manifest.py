"""The manifest of a dataset: what its shards hold and what it was made of."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from edge_runtime.atomic_file import write_whole
from training.dataset.data_source import DataSource
from training.errors import DatasetError

MANIFEST_FILE = "manifest.json"
LAYOUT_FILE = "layout.json"


@dataclass(frozen=True)
class Shard:
    """One TFRecord file; sha256 is empty while it is only planned."""

    file: str
    split: str
    count: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a dataset folder holds and what it was made of; data: whose photos these are."""

    layout: str
    landmark_count: int
    sources: dict[str, str]
    shards: tuple[Shard, ...]
    data: DataSource = field(default_factory=DataSource)

    @staticmethod
    def path_in(directory: Path) -> Path:
        return directory / MANIFEST_FILE

    def count(self, split: str) -> int:
        """Faces in "train" or "val"."""
        return sum(shard.count for shard in self.shards if shard.split == split)

    def with_shards(self, finished: Mapping[str, Shard]) -> Manifest:
        """The same manifest with only the finished shards, in the planned order."""
        shards = tuple(finished[shard.file] for shard in self.shards if shard.file in finished)
        return replace(self, shards=shards)

    def write(self, path: Path) -> None:
        """Write the manifest, whole or not at all."""
        counts = {split: self.count(split) for split in ("train", "val")}
        text = json.dumps({"counts": counts} | asdict(self), indent=1) + "\n"
        write_whole(path, text.encode())

    @classmethod
    def read(cls, directory: Path) -> Manifest:
        """Read manifest.json; raises DatasetError."""
        path = cls.path_in(directory)
        if path.is_file():
            return cls.read_file(path)
        if parts := part_manifests(directory):
            raise DatasetError(
                f"{directory}: holds only parts of a dataset, {parts[0].name} for one. Join them "
                "with the same `face520-train dataset build`, without --shard."
            )
        raise DatasetError(
            f"{directory}: no dataset here (no {MANIFEST_FILE}). "
            "Build one with `face520-train dataset build`."
        )

    @classmethod
    def read_file(cls, path: Path) -> Manifest:
        """Read a manifest, a part's too; raises DatasetError."""
        try:
            stored = json.loads(path.read_text())
            shards = tuple(Shard(**shard) for shard in stored["shards"])
            data = DataSource(**stored.get("data", {}))
            return cls(stored["layout"], stored["landmark_count"], stored["sources"], shards, data)
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{path}: not a dataset manifest ({error}).") from error


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@dataclass(frozen=True)
class DatasetPart:
    """Every count-th shard of a build, beginning with the number-th; numbers count from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> DatasetPart:
        """Read `2/4`; raises DatasetError."""
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise DatasetError(
                f"--shard {text}: expected I/N, the I-th of N parts, from 1/N to N/N, such as 2/4."
            )
        return cls(int(match[1]), int(match[2]))

    @property
    def manifest_file(self) -> str:
        """Name of the part's own manifest."""
        return f"manifest-{self.number:05d}-of-{self.count:05d}.json"


def part_manifests(directory: Path) -> list[Path]:
    """Manifests that parts have left in a dataset folder."""
    return sorted(directory.glob("manifest-?????-of-?????.json"))
