"""Records from fitted photos and from the same photos with the head turned further."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import BoolArray, FloatArray
from edge_runtime.image_file import encode_jpeg
from edge_runtime.layout import read_layout
from training.dataset.data_source import DataSource
from training.dataset.records import NO_WORD, FaceRecord, LabelSource
from training.face.face_model import FaceModel
from training.face.position_map import PositionMapRenderer
from training.fitting.fitted_photos import FittedPhotos, landmark_warp
from training.sources.fitted_photo_records import FittedPhotoSources, centred_depth
from training.sources.head_turner import HeadTurner, TurnedPhoto, rotation_between_views
from training.sources.turn_plan import Turn, plan_turns
from training.sources.visibility_labels import VisibilityLabels

SIDE_PX = 160
# Where more of the face would be invented, the head is turned half as far.
MOST_INVENTED = 0.2
SMALLEST_SHARE = 0.1  # of a turn, after which a face is taken as it is
FACES_AT_ONCE = 32
# Bumped when the same sources would give other turned photos, so that stale shards are rebuilt.
TURNER_VERSION = 2


@dataclass(frozen=True)
class TurnedPhotoSources:
    """Fitted photos, and turned ones in addition: share x the number of training faces."""

    fitted: FittedPhotoSources
    share: float

    @property
    def layout(self) -> Path:
        """The layout file of the landmarks."""
        return self.fitted.layout

    def hashes(self) -> dict[str, str]:
        """Those of the fitted photos, the share and the version of the turning."""
        turned = {"turned": f"{self.share:g}", "turner": str(TURNER_VERSION)}
        return self.fitted.hashes() | turned

    def held_out(self) -> BoolArray:
        """Which photos are for validation: no turned one. Raises as the fitted photos do."""
        photos_held_out = self.fitted.held_out()
        turns = self.turns(FittedPhotos.load(self.fitted.photos, self.fitted.fits))
        return np.append(photos_held_out, np.zeros(len(turns), bool))

    def data(self, held_out: BoolArray) -> DataSource:
        """That of the photos, and how many turned ones there are."""
        return self.fitted.data(held_out)

    def turns(self, photos: FittedPhotos) -> list[Turn]:
        """What is turned, in the order of the records behind those of the photos."""
        return plan_turns(photos.yaw_deg, photos.held_out, self.share)

    def open(self) -> TurnedPhotoRecords:
        """Load everything that a record needs."""
        return TurnedPhotoRecords(self)


class TurnedPhotoRecords:
    """The labelled faces of fitted photos, then those of the turned ones."""

    def __init__(self, sources: TurnedPhotoSources) -> None:
        fitted = sources.fitted
        self.photos = FittedPhotos.load(fitted.photos, fitted.fits)
        self.turns = sources.turns(self.photos)
        self.head = FaceModel.load(fitted.face_model, whole_head=True)
        self.turner = HeadTurner.of(self.head)
        self.warp = landmark_warp(self.head)
        face = FaceModel.load(fitted.face_model)
        self.sampler = PositionMapRenderer.build(face).sampler(read_layout(sources.layout).uv)
        self.visibility = VisibilityLabels.of(self.head, self.sampler @ face.neutral)

    def records(self, indices: Sequence[int]) -> Iterator[FaceRecord]:
        """Records of the chosen faces, in that order."""
        count = len(self.photos)
        turns = [self.turns[index - count] if index >= count else None for index in indices]
        photos = [turn.photo if turn else index for turn, index in zip(turns, indices)]
        images = self.photos.images(photos)
        for turn, photo, image, vertices in zip(turns, photos, images, self._vertices(photos)):
            name, yaw_deg = self.photos.names[photo], float(self.photos.yaw_deg[photo])
            occlusion68 = self.photos.occlusion68[photo]
            if turn is None:
                points = self._sampled(vertices)
                visibility = self.visibility.in_photo(points, vertices, occlusion68)
            else:
                turned, yaw_deg = self._turned(turn, image, vertices, yaw_deg)
                name, image = f"{name}~yaw{yaw_deg:+.0f}", turned.image
                points = self._sampled(turned.vertices)
                visibility = self.visibility.in_turned_photo(
                    points, turned.vertices, turned.raster, occlusion68
                )
                occlusion68 = np.full_like(occlusion68, NO_WORD)
            yield FaceRecord(
                name=name,
                encoded_image=encode_jpeg(image),
                landmarks=centred_depth(points),
                yaw_deg=yaw_deg,
                expression=self.photos.blendshapes(self.head, photo, points),
                visibility=visibility,
                occlusion68=occlusion68,
                label_source=LabelSource(self.photos.label_source[photo]),
            )

    def _vertices(self, photos: Sequence[int]) -> Iterator[FloatArray]:
        """Fitted vertices (V, 3) of the heads in photos, many at a time: it is one product."""
        for start in range(0, len(photos), FACES_AT_ONCE):
            chosen = photos[start : start + FACES_AT_ONCE]
            yield from self.photos.warped_vertices(self.head, self.warp, chosen)

    def _turned(
        self, turn: Turn, image: NDArray[Any], vertices: FloatArray, yaw_deg: float
    ) -> tuple[TurnedPhoto, float]:
        """The photo (H, W, 3) turned, or turned half as far and so on, and its yaw."""
        share = 1.0
        while True:
            new_yaw_deg = yaw_deg + share * (turn.yaw_deg - yaw_deg)
            rotation = rotation_between_views(yaw_deg, new_yaw_deg, share * turn.pitch_change_deg)
            turned = self.turner.turn(image, vertices, rotation, SIDE_PX)
            if turned.invented <= MOST_INVENTED or share < SMALLEST_SHARE:
                return turned, new_yaw_deg
            share /= 2

    def _sampled(self, vertices: FloatArray) -> FloatArray:
        """Keypoints (N, 3) of a head with vertices (V, 3), in their unit."""
        sampled: FloatArray = self.sampler @ vertices[: self.sampler.shape[1]]
        return sampled
