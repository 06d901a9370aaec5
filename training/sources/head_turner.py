"""Turns the head in a fitted photo to another yaw and pitch, as 300W-LP does."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from edge_runtime.crop import SIDE_OVER_BOX, CropRegion
from training.face.face_model import FaceModel
from training.sources.backdrop import backdrop_coordinates, inside, sample_photo
from training.sources.head_surface import HeadSurface
from training.sources.mesh_raster import MeshRaster, rasterise

# Side of a turned photo over that of the crop that the network sees.
MARGIN = 2 / SIDE_OVER_BOX
# Skin comes from its own place in the photo where the cosine between its normal and the view is
# above the second of these, from elsewhere below the first, and from both between.
EDGE_ON, SEEN_WELL = np.float32(0.0), np.float32(0.35)
# A vertex further than this behind the surface that its pixel shows is hidden by it.
HIDDEN_BEHIND_CM = 0.4
DEPTH_SIDE_PX = 80  # of the picture that decides so
SMALLEST_FILL_PX = 5  # side of the coarsest picture that unseen skin is filled from


@dataclass(frozen=True, eq=False)
class TurnedPhoto:
    """A photo of a turned head: a square (side, side, 3) of twice the box of the 68 landmarks."""

    image: Uint8Image
    vertices: FloatArray  # (V, 3) px of the turned photo
    raster: MeshRaster  # what of the turned head each pixel shows
    invented: float  # share of the face's pixels that the photo shows on neither side of the face


def rotation_between_views(
    yaw_deg: float, new_yaw_deg: float, pitch_change_deg: float
) -> FloatArray:
    """Rotation (3, 3) of image space that brings a head from one yaw to another and nods it.

    Yaw is that of `FittedPhotos.yaw_deg`; pitch is positive upward. The head is turned to the
    front, nodded and turned to its new yaw, so its yaw becomes exactly the new one.
    """
    nod = np.radians(pitch_change_deg)
    about_x = [[1, 0, 0], [0, np.cos(nod), np.sin(nod)], [0, -np.sin(nod), np.cos(nod)]]
    turn = _about_y(new_yaw_deg) @ np.array(about_x) @ _about_y(-yaw_deg)
    return turn.astype(np.float32)


def _about_y(yaw_deg: float) -> Float64Array:
    yaw = np.radians(yaw_deg)
    return np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])


@dataclass(frozen=True, eq=False)
class HeadTurner:
    """Turns the heads of one face model."""

    head: FaceModel
    surface: HeadSurface
    neutral_extent_cm: float

    @classmethod
    def of(cls, head: FaceModel) -> HeadTurner:
        """A turner for a face model that was loaded with its whole head."""
        return cls(head, HeadSurface.of(head), extent(head.neutral))

    def turn(
        self, photo: Uint8Image, vertices: FloatArray, rotation: FloatArray, side_px: int
    ) -> TurnedPhoto:
        """Turn the head with vertices (V, 3), in px of a photo (H, W, 3), by rotation (3, 3).

        What the turned head shows comes from its place in the photo; what the photo hides, from
        the mirrored place on the other side of the face; what neither shows, from around it.
        """
        turned = vertices @ rotation.T
        crop = CropRegion.around_landmarks(self.head.landmarks68(turned))
        region = CropRegion(crop.center_x, crop.center_y, crop.side_px * MARGIN)
        turned = region.to_crop(turned, side_px)
        raster = rasterise(turned, self.surface.triangles, side_px)
        seen = self._seen(vertices, max(photo.shape[:2]))
        skin = self._painted(photo, vertices, seen, raster)
        used = self.surface.used
        px_per_px = region.side_px / side_px
        places = backdrop_coordinates(vertices[used], turned[used], px_per_px, side_px)
        around = sample_photo(photo, *places)
        opacity = cv2.blur(skin.covered, (3, 3)) * 2 - 1
        opacity = (skin.covered * np.maximum(opacity, 0))[..., None]
        image = around + (skin.colour - around) * opacity
        return TurnedPhoto(np.rint(image).astype(np.uint8), turned, raster, skin.invented)

    def _seen(self, vertices: FloatArray, side_px: int) -> FloatArray:
        """How well (V,) a photo shows vertices (V, 3): 0 not at all, 1 well."""
        share = (self.surface.facing(vertices) - EDGE_ON) / (SEEN_WELL - EDGE_ON)
        share = np.clip(share, 0, 1)
        small = vertices * np.float32(DEPTH_SIDE_PX / side_px)
        in_front = rasterise(small, self.surface.triangles, DEPTH_SIDE_PX).depth_picture()
        # The farthest around: on a slope, a coarse picture's own pixel may be nearer than it.
        in_front = np.asarray(cv2.dilate(in_front, np.ones((3, 3), np.uint8)), np.float32)
        column, row = np.clip(np.rint(small[:, :2].T).astype(int), 0, DEPTH_SIDE_PX - 1)
        px_per_cm = extent(small) / self.neutral_extent_cm
        hidden = small[:, 2] > in_front[row, column] + HIDDEN_BEHIND_CM * px_per_cm
        seen = np.where(hidden, 0, share * share * (3 - 2 * share)).astype(np.float32)
        return self.surface.smoothed(seen)

    def _painted(
        self, photo: Uint8Image, vertices: FloatArray, seen: FloatArray, raster: MeshRaster
    ) -> _Painted:
        """The head alone, from vertices (V, 3) in the photo that are seen (V,) so well."""
        mirror = self.surface.mirror
        weight = np.stack([seen, (1 - seen) * seen[mirror], self.surface.in_mask], axis=-1)
        at_pixels = raster.interpolate(
            np.concatenate([vertices[:, :2], vertices[mirror, :2], weight], axis=-1)
        )
        own_x, own_y, mirrored_x, mirrored_y, own, mirrored, mask = raster.pictures(at_pixels)
        colour = sample_photo(photo, own_x, own_y) * own[..., None]
        colour += sample_photo(photo, mirrored_x, mirrored_y) * mirrored[..., None]
        known = own + mirrored
        colour += _filled(colour, known) * (1 - known)[..., None]
        shown = own * inside(photo, own_x, own_y)
        shown += mirrored * inside(photo, mirrored_x, mirrored_y)
        invented = float(((1 - shown) * mask).sum() / max(mask.sum(), 1))
        covered = raster.pictures(np.ones((len(raster.pixels), 1), np.float32))[0]
        return _Painted(colour, covered, invented)


def extent(points: FloatArray) -> float:
    """Root of the summed variance of points (N, 3)."""
    return float(np.sqrt(points.var(axis=0).sum()))


@dataclass(frozen=True, eq=False)
class _Painted:
    """A head before nothing."""

    colour: FloatArray  # (side, side, 3)
    covered: FloatArray  # (side, side) 1 where the head is
    invented: float


def _filled(colour: FloatArray, known: FloatArray) -> FloatArray:
    """Smooth continuation (h, w, 3) of colours (h, w, 3) multiplied by their weight (h, w).

    The pull-push method (Gortler et al., The Lumigraph, 1996): averages of what is known, finest
    where anything is.
    """
    height, width = known.shape
    if min(height, width) <= SMALLEST_FILL_PX:
        return np.asarray(colour / np.maximum(known, 1e-3)[..., None])
    half = (width // 2, height // 2)
    coarse = cv2.resize(np.dstack([colour, known]), half, interpolation=cv2.INTER_AREA) * 4
    coarse /= np.maximum(coarse[..., 3:], 1)
    below = _filled(coarse[..., :3], coarse[..., 3])
    complete = coarse[..., :3] + below * (1 - coarse[..., 3:])
    enlarged = cv2.resize(complete, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, np.float32)
