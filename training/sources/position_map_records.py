"""Records from a folder of position maps, sampled with the layout made for their UV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from edge_runtime.arrays import BoolArray, FloatArray
from edge_runtime.layout import Layout, read_layout
from edge_runtime.pose import pose_of_rotation
from training.dataset.data_source import NOTHING_SAID, DataSource, Statement
from training.dataset.manifest import file_sha256
from training.dataset.records import FaceRecord, unknown
from training.errors import PositionMapError
from training.face.position_map import sampling_matrix
from training.face.position_map_folder import PositionMapFolder, choose_held_out
from training.face.shape_fit import (
    WORST_FIT,
    WORST_MEDIAN_FIT,
    ShapeFit,
    fit_shape,
    flipped_axis,
)

# Bumped when the same maps would give other records.
READER_VERSION = 1
FACES_PROBED = 40
SMALLEST_FACE_PX = 16


@dataclass(frozen=True)
class PositionMapSources:
    """The files of a dataset of position maps; statement: what is said of their photos."""

    position_maps: Path
    layout: Path
    statement: Statement = NOTHING_SAID

    @property
    def folder(self) -> PositionMapFolder:
        return PositionMapFolder(self.position_maps)

    def hashes(self) -> dict[str, str]:
        """SHA-256 of the maps' names and sizes and of the layout, and the reader's version."""
        return {
            "position_maps": self.folder.listing_sha256(),
            "layout": file_sha256(self.layout),
            "builder": f"position maps {READER_VERSION}",
        }

    def held_out(self) -> BoolArray:
        """One photo in twenty is for validation.

        Raises PositionMapError when there are too few maps, or the layout is for another UV.
        """
        names = self.folder.names()
        held_out = choose_held_out(names)
        if held_out.all():
            raise PositionMapError(
                f"{self.position_maps}: holds maps of one photo only; one more is needed, to be "
                "held out for validation."
            )
        faces = self.open()
        errors = [faces.read(name)[1].error for name in names[:: 1 + len(names) // FACES_PROBED]]
        if np.median(errors) > WORST_MEDIAN_FIT:
            raise PositionMapError(
                f"{self.position_maps}: points of {self.layout.name} sampled from these maps lie "
                f"{np.median(errors):.2f} of a face away from its mean face (median of "
                f"{len(errors)}; below {WORST_MEDIAN_FIT} where both have the same UV). Pass the "
                "layout made for this UV as --layout; for maps of face3d or PRNet, "
                "`face520-train import-layout` writes it."
            )
        return held_out

    def data(self, held_out: BoolArray) -> DataSource:
        """What is said of the photos."""
        return DataSource.of(self.statement, held_out)

    def open(self) -> PositionMapRecords:
        """Ready to read maps."""
        return PositionMapRecords(self)


class PositionMapRecords:
    """The labelled faces of a folder of position maps."""

    def __init__(self, sources: PositionMapSources) -> None:
        self._folder = sources.folder
        self._names = self._folder.names()
        self._layout = read_layout(sources.layout)
        self._sampling: dict[int, sparse.csr_matrix] = {}

    def records(self, indices: Sequence[int]) -> Iterator[FaceRecord]:
        """Records of the chosen maps, in that order; raises PositionMapError."""
        for index in indices:
            yield self.read(self._names[index])[0]

    def read(self, name: str) -> tuple[FaceRecord, ShapeFit]:
        """One face and its fit to the layout's mean face; raises PositionMapError."""
        position_map = self._folder.read_map(name)
        side = len(position_map)
        if side not in self._sampling:
            self._sampling[side] = sampling_matrix(self._layout.uv, side)
        landmarks = self._sampling[side] @ position_map.reshape(-1, 3)
        landmarks[:, 2] -= landmarks[:, 2].mean()
        fit = checked_fit(self._folder.map_path(name), landmarks, self._layout, side)
        record = FaceRecord(
            name=name,
            encoded_image=self._folder.read_jpeg(name, side),
            landmarks=landmarks.astype(np.float32),
            yaw_deg=pose_of_rotation(fit.rotation).yaw_deg,
            visibility=unknown(len(landmarks)),
        )
        return record, fit


def checked_fit(path: Path, landmarks: FloatArray, layout: Layout, side_px: int) -> ShapeFit:
    """The fit of landmarks (N, 3) in px to the mean face.

    Raises PositionMapError when they are no upright face in the picture, seen by the viewer.
    """
    mean_shape = layout.mean_shape.astype(np.float64)
    fit = fit_shape(mean_shape, landmarks)
    if fit.error > WORST_FIT:
        axis = flipped_axis(mean_shape, landmarks)
        raise PositionMapError(
            f"{path}: {_FLIPPED[axis]}"
            if axis
            else f"{path}: the landmarks of {layout.reference} sampled from it make no face. Is it "
            "a position map with the UV that the layout was made for?"
        )
    if not fit.faces_viewer:
        raise PositionMapError(
            f"{path}: the face stands on its head and looks away from the viewer. Expected y down "
            "and z growing toward the viewer."
        )
    if fit.scale_px < SMALLEST_FACE_PX:
        raise PositionMapError(
            f"{path}: the face is {fit.scale_px:.2g} px large. Expected positions in px of the "
            "photo, not in parts of it."
        )
    centre = landmarks[:, :2].mean(axis=0)
    if (centre < 0).any() or (centre > side_px - 1).any():
        raise PositionMapError(
            f"{path}: the face lies outside its photo, around ({centre[0]:.0f}, {centre[1]:.0f}). "
            "Expected positions in px of the crop beside it."
        )
    return fit


_FLIPPED = {
    "x": "left and right are exchanged. Expected x in px of the photo, growing to the right.",
    "y": "the face stands on its head. Expected y in px of the photo, growing downward.",
    "z": "the nose lies behind the ears. Expected z growing toward the viewer.",
}
