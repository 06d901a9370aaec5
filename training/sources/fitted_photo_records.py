"""Records from fitted photos: the fit's vertices, warped, rendered into a map and sampled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_runtime.arrays import BoolArray, FloatArray
from edge_runtime.image_file import encode_jpeg
from edge_runtime.layout import read_layout
from training.dataset.data_source import NOTHING_SAID, DataSource, Statement
from training.dataset.manifest import file_sha256
from training.dataset.records import FaceRecord, LabelSource
from training.face.face_model import FaceModel
from training.face.position_map import PositionMapRenderer, sampling_matrix
from training.fitting.fitted_photos import FittedPhotos, landmark_warp
from training.sources.visibility_labels import VisibilityLabels

# Bumped when the same sources would give other records, so that stale shards are rebuilt.
BUILDER_VERSION = 5


@dataclass(frozen=True)
class FittedPhotoSources:
    """The files of a dataset of fitted photos; statement: what is said beside what fits say."""

    photos: Path
    fits: Path
    face_model: Path
    layout: Path
    statement: Statement = NOTHING_SAID

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each source, and the builder's version."""
        names = ("photos", "fits", "face_model", "layout")
        digests = {name: file_sha256(getattr(self, name)) for name in names}
        return digests | {"builder": str(BUILDER_VERSION)}

    def held_out(self) -> BoolArray:
        """Which photos are for validation; raises FittedPhotosError or FaceModelError."""
        FaceModel.load(self.face_model)
        return FittedPhotos.load(self.photos, self.fits).held_out

    def data(self, held_out: BoolArray) -> DataSource:
        """What the fits and the statement say; raises DatasetError where they contradict."""
        photos = FittedPhotos.load(self.photos, self.fits)
        turned = len(held_out) - len(photos)
        return DataSource.of(photos.statement.joined(self.statement), held_out, turned)

    def open(self) -> FittedPhotoRecords:
        """Load everything that a record needs."""
        return FittedPhotoRecords(self)


class FittedPhotoRecords:
    """The labelled faces of fitted photos."""

    def __init__(self, sources: FittedPhotoSources) -> None:
        self.photos = FittedPhotos.load(sources.photos, sources.fits)
        self.head = FaceModel.load(sources.face_model, whole_head=True)
        face = FaceModel.load(sources.face_model)
        self.renderer = PositionMapRenderer.build(face)
        self.warp = landmark_warp(self.head)
        self.sampling = sampling_matrix(read_layout(sources.layout).uv)
        self.visibility = VisibilityLabels.of(self.head, self._sampled(face.neutral))

    def records(self, indices: Sequence[int]) -> Iterator[FaceRecord]:
        """Records of the chosen photos, in that order."""
        for index, image in zip(indices, self.photos.images(indices)):
            vertices = self.photos.warped_vertices(self.head, self.warp, [index])[0]
            points, occlusion68 = self._sampled(vertices), self.photos.occlusion68[index]
            yield FaceRecord(
                name=self.photos.names[index],
                encoded_image=encode_jpeg(image),
                landmarks=centred_depth(points),
                yaw_deg=float(self.photos.yaw_deg[index]),
                expression=self.photos.blendshapes(self.head, index, points),
                visibility=self.visibility.in_photo(points, vertices, occlusion68),
                occlusion68=occlusion68,
                label_source=LabelSource(self.photos.label_source[index]),
            )

    def _sampled(self, vertices: FloatArray) -> FloatArray:
        """Keypoints (N, 3) of a head with vertices (V, 3), sampled from its position map."""
        position_map = self.renderer.render(vertices[: self.renderer.barycentric.shape[1]])
        sampled: FloatArray = self.sampling @ position_map.reshape(-1, 3)
        return sampled


def centred_depth(points: FloatArray) -> FloatArray:
    """The same points (N, 3), z zero at their mean."""
    centred = points.astype(np.float32)
    centred[:, 2] -= centred[:, 2].mean()
    return centred
