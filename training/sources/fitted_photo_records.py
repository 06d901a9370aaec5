"""Records from fitted photos: the fit's vertices, warped, rendered into a map and sampled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_runtime.arrays import BoolArray, FloatArray
from edge_runtime.image_file import encode_jpeg
from edge_runtime.layout import read_layout
from training.dataset.manifest import file_sha256
from training.dataset.records import FaceRecord
from training.face.face_model import FaceModel
from training.face.position_map import PositionMapRenderer, sampling_matrix
from training.fitting.fitted_photos import FittedPhotos, landmark_warp

# Bumped when the same sources would give other records, so that stale shards are rebuilt.
BUILDER_VERSION = 1


@dataclass(frozen=True)
class FittedPhotoSources:
    """The files of a dataset of fitted photos."""

    photos: Path
    fits: Path
    face_model: Path
    layout: Path

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each source, and the builder's version."""
        digests = {name: file_sha256(path) for name, path in vars(self).items()}
        return digests | {"builder": str(BUILDER_VERSION)}

    def held_out(self) -> BoolArray:
        """Which photos are for validation; raises FittedPhotosError or FaceModelError."""
        FaceModel.load(self.face_model)
        return FittedPhotos.load(self.photos, self.fits).held_out

    def open(self) -> FittedPhotoRecords:
        """Load everything that a record needs."""
        return FittedPhotoRecords(self)


class FittedPhotoRecords:
    """The labelled faces of fitted photos."""

    def __init__(self, sources: FittedPhotoSources) -> None:
        self.photos = FittedPhotos.load(sources.photos, sources.fits)
        self.model = FaceModel.load(sources.face_model)
        self.renderer = PositionMapRenderer.build(self.model)
        self.warp = landmark_warp(self.model)
        self.sampling = sampling_matrix(read_layout(sources.layout).uv)

    def records(self, indices: Sequence[int]) -> Iterator[FaceRecord]:
        """Records of the chosen photos, in that order."""
        for index, image in zip(indices, self.photos.images(indices)):
            yield FaceRecord(
                name=self.photos.names[index],
                encoded_image=encode_jpeg(image),
                landmarks=self.landmarks(index),
                yaw_deg=float(self.photos.yaw_deg[index]),
            )

    def landmarks(self, index: int) -> FloatArray:
        """Keypoints (N, 3) of one photo, sampled from its warped position map."""
        vertices = self.photos.vertices(self.model, [index])[0]
        vertices += self.warp @ self.photos.residual68[index]
        position_map = self.renderer.render(vertices)
        landmarks = self.sampling @ position_map.reshape(-1, 3)
        landmarks[:, 2] -= landmarks[:, 2].mean()
        return landmarks.astype(np.float32)
