"""Augmentation of one crop: geometry around the crop rule, mirroring, colour and damage."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from edge_runtime.arrays import FloatArray, Int64Array, Uint8Array, Uint8Image
from edge_runtime.blendshapes import BLENDSHAPE_MIRROR
from edge_runtime.crop import CropRegion, from_crop_units, to_crop_units
from edge_runtime.tracking.face_track import region_around
from training.dataset.records import FaceRecord

STILL_MOVES = 0.25  # of roll, scale and shift, for a face that the tracker follows
# Standard deviations of the runtime's second squares in photos (shift in sides, log side, roll),
# by `benchmarks.studies.square_offsets`; the less is seen of a face, the less is known of its size.
SECOND_SHIFT, SECOND_ROLL_DEG = 0.013, 1.5
SECOND_SCALE, SECOND_SCALE_OF_PROFILE = 0.030, 0.047
PROFILE_DEG = 75.0


@dataclass(frozen=True)
class Augmentation:
    """How far a crop may move and what may happen to its pixels.

    Shifts are in parts of the crop's side; every `*_chance` is a probability per crop.
    """

    roll_deg: float = 12.0  # standard deviation
    scale: float = 0.06  # standard deviation of log(side)
    shift: float = 0.03  # standard deviation
    still_share: float = 0.0  # of the crops, moved a quarter as far: as the tracker's squares are
    mirror_chance: float = 0.5
    colour: float = 0.15  # standard deviation of log gain, also for contrast and gamma
    grey_chance: float = 0.1
    blur_chance: float = 0.15
    noise_chance: float = 0.15
    jpeg_chance: float = 0.15
    occluder_chance: float = 0.2
    # Of the crops, cut and turned as a photo's second squares are; the others move as said above.
    second_share: float = 0.0


# Crops are moved and mirrored, their pixels left alone.
UNDAMAGED = Augmentation(
    colour=0, grey_chance=0, blur_chance=0, noise_chance=0, jpeg_chance=0, occluder_chance=0
)


@dataclass(frozen=True, eq=False)
class LabelledCrop:
    """A crop (S, S, 3) RGB with its landmarks (N, 3) in crop units.

    expression (52,) and visibility (N,) as in `FaceRecord`, NaN where nobody knows.
    """

    image: Uint8Image
    landmarks: FloatArray
    expression: FloatArray
    visibility: FloatArray


def centred_crop(record: FaceRecord, size_px: int) -> LabelledCrop:
    """The record's own crop without augmentation."""
    return labelled_crop(record, CropRegion.around_landmarks(record.landmarks), size_px)


def augmented_crop(
    record: FaceRecord,
    mirror: Int64Array,
    size_px: int,
    augmentation: Augmentation,
    rng: np.random.Generator,
) -> LabelledCrop:
    """A random crop of a photo; mirror (N,) is the layout's permutation. Same rng, same crop."""
    # Nothing is drawn for a share of 0, so that older experiments see the crops they saw.
    if augmentation.second_share and rng.random() < augmentation.second_share:
        region = second_region(record, rng)
    else:
        region = augmented_region(record.landmarks, augmentation, rng)
    crop = labelled_crop(record, region, size_px)
    if rng.random() < augmentation.mirror_chance:
        crop = mirrored(crop, mirror)
    covered = np.zeros((size_px, size_px), np.uint8)
    image = damaged(crop.image, augmentation, rng, covered)
    column, row = np.rint(from_crop_units(crop.landmarks, size_px)[:, :2].T).astype(int)
    inside = (np.minimum(row, column) >= 0) & (np.maximum(row, column) < size_px)
    visibility = crop.visibility.copy()
    # Of a face that nobody spoke of, only the covered would be known, and never a seen one.
    inside &= np.isfinite(visibility)
    visibility[inside] = np.where(covered[row[inside], column[inside]], 0, visibility[inside])
    return replace(crop, image=image, visibility=visibility)


def mirrored(crop: LabelledCrop, mirror: Int64Array) -> LabelledCrop:
    """The crop seen in a mirror, each landmark and blendshape under the name of its partner."""
    flipped = crop.landmarks[mirror].copy()
    flipped[:, 0] *= -1
    image = np.ascontiguousarray(crop.image[:, ::-1])
    return LabelledCrop(image, flipped, crop.expression[BLENDSHAPE_MIRROR], crop.visibility[mirror])


def labelled_crop(record: FaceRecord, region: CropRegion, size_px: int) -> LabelledCrop:
    """A region of a record's photo."""
    in_crop = to_crop_units(region.to_crop(record.landmarks, size_px), size_px)
    image = region.extract(record.image(), size_px)
    return LabelledCrop(image, in_crop, record.expression, record.visibility)


def augmented_region(
    landmarks: FloatArray, how: Augmentation, rng: np.random.Generator
) -> CropRegion:
    """The square for landmarks (N, 3) in image px, moved, scaled and rolled by chance."""
    region = CropRegion.around_landmarks(landmarks)
    # As above: nothing is drawn for a share of 0.
    far = STILL_MOVES if how.still_share and rng.random() < how.still_share else 1.0
    shift_x, shift_y = rng.normal(0, far * how.shift, 2) * region.side_px
    return CropRegion(
        center_x=region.center_x + shift_x,
        center_y=region.center_y + shift_y,
        side_px=region.side_px * float(np.exp(rng.normal(0, far * how.scale))),
        roll_deg=float(rng.normal(0, far * how.roll_deg)),
    )


def second_region(record: FaceRecord, rng: np.random.Generator) -> CropRegion:
    """A square as the runtime cuts it from a photo's first landmarks."""
    region = region_around(record.landmarks)
    profile = min(abs(record.yaw_deg) / PROFILE_DEG, 1.0)
    scale = SECOND_SCALE + profile * (SECOND_SCALE_OF_PROFILE - SECOND_SCALE)
    shift_x, shift_y = rng.normal(0, SECOND_SHIFT, 2) * region.side_px
    return CropRegion(
        center_x=region.center_x + shift_x,
        center_y=region.center_y + shift_y,
        side_px=region.side_px * float(np.exp(rng.normal(0, scale))),
        roll_deg=region.roll_deg + float(rng.normal(0, SECOND_ROLL_DEG)),
    )


def damaged(
    image: Uint8Image,
    how: Augmentation,
    rng: np.random.Generator,
    covered: Uint8Array | None = None,
) -> Uint8Image:
    """A crop (S, S, 3) after what light, lenses, hands and codecs do to it; same rng, same crop.

    covered (S, S), if given, becomes 1 where something is in front of the face.
    """
    if how.colour:
        image = _recoloured(image, how.colour, rng)
    if rng.random() < how.grey_chance:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        image = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    if rng.random() < how.occluder_chance:
        covered = np.zeros(image.shape[:2], np.uint8) if covered is None else covered
        image = _occluded(image, rng, covered)
    if rng.random() < how.blur_chance:
        image = _blurred(image, rng)
    if rng.random() < how.noise_chance:
        noise = np.empty(image.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(1 << 31)))
        # OpenCV takes numbers for both, its stubs arrays alone.
        cv2.randn(noise, 0, float(rng.uniform(2, 16)))  # type: ignore[call-overload]
        image = np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), np.uint8)
    if rng.random() < how.jpeg_chance:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 75))]
        encoded = cv2.imencode(".jpg", image, quality)[1]
        image = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return image


def _recoloured(image: Uint8Image, strength: float, rng: np.random.Generator) -> Uint8Image:
    """Exposure, contrast, gamma and white balance as one table per channel."""
    level = np.arange(256, dtype=np.float32) / 255
    level = level ** np.exp(rng.normal(0, strength))
    level = (level - 0.5) * np.exp(rng.normal(0, strength)) + 0.5
    gains = np.exp(rng.normal(0, strength) + rng.normal(0, strength / 3, 3))
    table = np.clip(level[:, None] * gains * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)


def _blurred(image: Uint8Image, rng: np.random.Generator) -> Uint8Image:
    """Out of focus, or small and enlarged."""
    side = image.shape[0]
    if rng.random() < 0.5:
        blurred = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.5, 2.0)))
        return np.asarray(blurred, np.uint8)
    small = int(side * rng.uniform(0.25, 0.7))
    shrunk = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)
    enlarged = cv2.resize(shrunk, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, np.uint8)


def _occluded(image: Uint8Image, rng: np.random.Generator, covered: Uint8Array) -> Uint8Image:
    """A hand-sized ellipse or bar, in one colour or copied from elsewhere in the crop.

    covered (S, S) becomes 1 there.
    """
    side = image.shape[0]
    center = rng.uniform(0, side, 2).astype(int).tolist()
    axes = rng.uniform(0.05, 0.22, 2) * side
    angle_deg = float(rng.uniform(0, 180))
    if rng.random() < 0.5:
        cv2.ellipse(covered, center, axes.astype(int).tolist(), angle_deg, 0, 360, (1,), -1)
    else:
        corners = cv2.boxPoints((center, (2 * axes).tolist(), angle_deg))
        cv2.fillConvexPoly(covered, corners.astype(np.int32), (1,))
    if rng.random() < 0.5:
        filling = np.broadcast_to(rng.integers(0, 256, 3, dtype=np.uint8), image.shape)
    else:
        filling = np.roll(image, tuple(rng.integers(side // 4, side, 2).tolist()), axis=(0, 1))
    return np.where(covered[..., None].astype(bool), filling, image)
