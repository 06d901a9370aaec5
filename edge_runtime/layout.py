"""The keypoint layout: what each of the 520 landmarks is, and how they are joined into a mesh."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import Float64Array, FloatArray, Int64Array, IntArray
from edge_runtime.atomic_file import write_whole
from edge_runtime.errors import LayoutFileError

LAYOUT520_PATH = Path(__file__).with_name("layout520.json")
IBUG68_COUNT = 68
# 95 % of the points must lie this close to their partner's mirror image. The shipped layout's lie
# within 0.0013, and within 0.009 once each is moved to its nearest texel. The paper's are no pairs:
# of the 266 in the upper half of the face 137 are on one side and 129 on the other.
FARTHEST_PARTNER = 0.03


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


def mirror_error(layout: Layout) -> Float64Array:
    """Distance (N,) from each mean point to its partner's mirror image, in sizes of the face."""
    flipped = layout.mean_shape[layout.mirror].astype(np.float64) * (-1, 1, 1)
    error: Float64Array = np.linalg.norm(flipped - layout.mean_shape, axis=1)
    return error


def has_mirror_pairs(layout: Layout) -> bool:
    """Whether a mirrored face is a face with its landmarks in their places: else do not mirror."""
    return bool(np.percentile(mirror_error(layout)[IBUG68_COUNT:], 95) < FARTHEST_PARTNER)


def read_layout(path: Path) -> Layout:
    """Read and check a layout JSON; raises LayoutFileError."""
    if not path.is_file():
        raise LayoutFileError(
            f"{path}: no such layout. `face520-train layout` or `face520-train import-layout` "
            "writes one."
        )
    try:
        layout = Layout.from_json(json.loads(path.read_text()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LayoutFileError(f"{path}: not a layout ({type(error).__name__}: {error}).") from error
    fault = _fault(layout)
    if fault:
        raise LayoutFileError(f"{path}: not a usable layout, {fault}.")
    return layout


def write_layout(layout: Layout, path: Path, **origin: Any) -> None:
    """Write a layout JSON, whole or not at all, with notes on its origin that no program reads."""
    stored = layout.to_json() | origin
    write_whole(path, (json.dumps(stored) + "\n").encode())


def _fault(layout: Layout) -> str | None:
    """What makes the arrays of a layout contradict each other."""
    count = len(layout)
    if layout.uv.shape != (count, 2) or count < IBUG68_COUNT:
        return f"uv is {layout.uv.shape}, expected (N, 2) with the 68 iBUG landmarks first"
    if not (np.isfinite(layout.uv).all() and layout.uv.min() >= 0 and layout.uv.max() <= 1):
        return "some uv lie outside 0..1"
    if layout.mean_shape.shape != (count, 3) or not np.isfinite(layout.mean_shape).all():
        return f"mean_shape is {layout.mean_shape.shape}, expected ({count}, 3) finite numbers"
    if sorted(layout.mirror.tolist()) != list(range(count)):
        return f"mirror is no permutation of {count} landmarks"
    if (layout.mirror[layout.mirror] != np.arange(count)).any():
        return "mirroring twice does not give the landmark back"
    triangles = layout.triangles
    if triangles.ndim != 2 or triangles.shape[1] != 3 or not _in_range(triangles, count):
        return f"triangles do not name three of {count} landmarks each"
    return None


def _in_range(indices: NDArray[Any], count: int) -> bool:
    return bool(indices.min(initial=0) >= 0 and indices.max(initial=0) < count)
