"""A part of a dataset build, such as the second of four, for several machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.errors import Face520Error


class DatasetPartError(Face520Error):
    """A part is not given as 2/4."""


@dataclass(frozen=True)
class DatasetPart:
    """Every count-th shard of a build, beginning with the number-th; numbers count from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> DatasetPart:
        """Read `2/4`; raises DatasetPartError."""
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise DatasetPartError(
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
