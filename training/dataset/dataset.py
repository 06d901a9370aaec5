"""A built dataset, opened once and handed along: manifest, layout, and the faces of its splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from edge_runtime.layout import Layout, layout520, read_layout
from training.dataset.face_index import FaceIndex
from training.dataset.manifest import LAYOUT_FILE, Manifest
from training.dataset.records import FaceRecord, read_shard
from training.errors import DatasetError


@dataclass(frozen=True)
class Dataset:
    """A folder that `face520-train dataset build` wrote; two of one folder are equal.

    layout: the one that the landmarks follow.
    """

    directory: Path
    manifest: Manifest = field(compare=False)
    layout: Layout = field(compare=False)

    @classmethod
    def open(cls, directory: Path) -> Dataset:
        """Read the manifest and the layout.

        Raises DatasetError where no dataset is, or when the folder's layout file is gone or is
        another one's.
        """
        manifest = Manifest.read(directory)
        return cls(directory, manifest, _layout(directory, manifest.layout))

    def split(self, name: str) -> Iterator[FaceRecord]:
        """Records of "train" or "val" in shard order.

        Raises DatasetError when a shard is gone, RecordError for a damaged one.
        """
        for path in self.shard_paths(name):
            yield from read_shard(path)

    def labels(self, output: str) -> bool:
        """Whether a held-out face has labels of the model's "expression" or "visibility".

        Raises DatasetError or RecordError.
        """
        return any(np.isfinite(getattr(face, output)).any() for face in self.split("val"))

    def index(self, name: str) -> FaceIndex:
        """Where each face of a split lies; raises DatasetError or RecordError."""
        return FaceIndex.of(self.shard_paths(name))

    def shard_paths(self, name: str) -> list[Path]:
        """Files of a split, all of them present; raises DatasetError."""
        shards = [shard for shard in self.manifest.shards if shard.split == name]
        if not shards:
            raise DatasetError(f"{self.directory}: holds no {name} shard; build the dataset again.")
        paths = [self.directory / shard.file for shard in shards]
        for path in paths:
            if not path.is_file():
                raise DatasetError(
                    f"{path}: missing shard; run `face520-train dataset build` again."
                )
        return paths


def _layout(directory: Path, reference: str) -> Layout:
    path = directory / LAYOUT_FILE
    if not path.is_file() and reference == layout520().reference:
        return layout520()  # a dataset built before folders carried their layout
    layout = read_layout(path)
    if layout.reference != reference:
        raise DatasetError(
            f"{path}: is layout {layout.reference}, the dataset was built for {reference}. "
            "Build the dataset again."
        )
    return layout
