"""The keypoint layout: what each of the 520 landmarks is, and how they are joined into a mesh."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.arrays import FloatArray, Int64Array, IntArray

LAYOUT520_PATH = Path(__file__).with_name("layout520.json")
IBUG68_COUNT = 68


@dataclass(frozen=True)
class Contour:
    """A line to draw through landmarks, such as the lower lip; closed lines return to the start."""

    name: str
    indices: tuple[int, ...]
    closed: bool


@dataclass(frozen=True, eq=False)
class Layout:
    """Meaning of N landmarks; the first 68 are iBUG/300W-LP in their standard order.

    Names of sides are the subject's: left_eye is the eye on the right of a frontal picture.
    """

    name: str
    version: int
    uv: FloatArray  # (N, 2) in this project's position map, v up
    mirror: Int64Array  # (N,) index of the landmark on the other side of the face
    triangles: IntArray  # (T, 3) open at the eyes and the mouth, outside faces the viewer
    regions: dict[str, tuple[int, ...]]
    contours: tuple[Contour, ...]
    mean_shape: FloatArray  # (N, 3) frontal, y down, z away; sqrt(w*h) of the 68 is 1

    def __len__(self) -> int:
        return len(self.uv)

    @property
    def reference(self) -> str:
        """Name and version as they stand in model files, such as `face520/1`."""
        return f"{self.name}/{self.version}"

    @classmethod
    def load(cls, path: Path) -> Layout:
        """Read a layout JSON as `face520-train layout` writes it."""
        return cls.from_json(json.loads(path.read_text()))

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Layout:
        """Build from the parsed JSON; `to_json` is the inverse."""
        return cls(
            name=stored["name"],
            version=stored["version"],
            uv=np.array(stored["uv"], np.float32),
            mirror=np.array(stored["mirror"], np.int64),
            triangles=np.array(stored["triangles"], np.int32),
            regions={name: tuple(indices) for name, indices in stored["regions"].items()},
            contours=tuple(
                Contour(item["name"], tuple(item["indices"]), item["closed"])
                for item in stored["contours"]
            ),
            mean_shape=np.array(stored["mean_shape"], np.float32),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain lists and numbers, rounded to what a float32 landmark can use."""
        return {
            "name": self.name,
            "version": self.version,
            "ibug68": list(range(IBUG68_COUNT)),
            "uv": np.round(self.uv.astype(float), 6).tolist(),
            "mirror": self.mirror.tolist(),
            "triangles": self.triangles.tolist(),
            "regions": {name: list(indices) for name, indices in self.regions.items()},
            "contours": [
                {"name": line.name, "indices": list(line.indices), "closed": line.closed}
                for line in self.contours
            ],
            "mean_shape": np.round(self.mean_shape.astype(float), 6).tolist(),
        }


@cache
def layout520() -> Layout:
    """The layout of the released models, 520 landmarks."""
    return Layout.load(LAYOUT520_PATH)
