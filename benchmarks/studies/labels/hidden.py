"""`python -m benchmarks.studies.labels.hidden DATA`: what a fitted head hides, and people's word.

DATA holds `face_model.npz`, `faces.zip` and `fits.npz` (labels version 2). Of the 68 landmarks of
held-out photos, the share that the depth buffer of the fitted head hides: of those that people call
hidden by the face, and of those that they see. How far the two agree decides that the depth buffer
is no stand-in for people's word (`training/sources/visibility_labels.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.studies.study import print_study
from edge_runtime.arrays import BoolArray, Uint8Array
from training.dataset.records import HIDDEN_BY_FACE, SEEN
from training.errors import FittedPhotosError
from training.face.face_model import FaceModel
from training.fitting.fitted_photos import FittedPhotos, landmark_warp
from training.ibug68 import GROUPS
from training.sources.head_surface import HeadSurface
from training.sources.visibility_labels import hidden_by_mesh


@dataclass(frozen=True)
class HiddenShares:
    """How many landmarks people call hidden and seen, and which share of either the mesh hides."""

    hidden: int
    seen: int
    of_hidden: float
    of_seen: float

    @classmethod
    def of(cls, by_mesh: BoolArray, occlusion68: Uint8Array) -> HiddenShares:
        """Of what the mesh hides and people's word, both (F, L); NaN where they said nothing."""
        hidden, seen = by_mesh[occlusion68 == HIDDEN_BY_FACE], by_mesh[occlusion68 == SEEN]
        shares = [float(one.mean()) if one.size else float("nan") for one in (hidden, seen)]
        return cls(hidden.size, seen.size, *shares)


def by_mesh_and_people(data: Path) -> tuple[BoolArray, Uint8Array]:
    """Of F held-out faces, what the mesh hides and people's word, both (F, 68).

    Raises Face520Error.
    """
    photos = FittedPhotos.load(data / "faces.zip", data / "fits.npz")
    spoken_of = (photos.occlusion68 == SEEN).any(axis=1)
    chosen = np.flatnonzero(photos.held_out & spoken_of)
    if not chosen.size:
        raise FittedPhotosError(
            f"{data / 'fits.npz'}: nobody said which landmarks of its held-out faces he sees. Take "
            "fits with labels version 2."
        )
    head = FaceModel.load(data / "face_model.npz", whole_head=True)
    triangles, warp = HeadSurface.of(head).triangles, landmark_warp(head)
    by_mesh = []
    for index in chosen.tolist():
        vertices = photos.warped_vertices(head, warp, [index])[0]
        points = head.landmarks68(vertices)
        px_per_cm = float(photos.pose.scale[index])
        by_mesh.append(hidden_by_mesh(points, vertices, triangles, px_per_cm))
    return np.stack(by_mesh), photos.occlusion68[chosen]


def lines(data: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    by_mesh, occlusion68 = by_mesh_and_people(data)
    yield f"{len(by_mesh)} faces; share that the fitted head hides of landmarks that people"
    yield f"{'':12}{'call hidden':>18}{'see':>18}"
    everywhere = {"all": tuple(range(by_mesh.shape[1]))}
    for name, landmarks in (everywhere | GROUPS).items():
        shares = HiddenShares.of(by_mesh[:, landmarks], occlusion68[:, landmarks])
        of_hidden = f"{shares.of_hidden:.3f} of {shares.hidden}" if shares.hidden else "none"
        of_seen = f"{shares.of_seen:.3f} of {shares.seen}" if shares.seen else "none"
        yield f"{name:12}{of_hidden:>18}{of_seen:>18}"


if __name__ == "__main__":
    print_study("benchmarks.studies.labels.hidden DATA", lines)
