"""Crops that hold no face, or not one that landmarks could be read from: what presence must refuse.

They are cut from the same photos as the faces, so that light, grain and background tell nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin

import cv2
import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion

# A tracked face lies within 0.15 of a side of its crop and 1.3 of its size, as augmentation has it;
# from these on, what the crop holds is no longer a face to place landmarks on.
LEAST_SHIFT, MOST_SHIFT = 0.45, 0.9  # in parts of the crop's side
TILES = 5  # rows and columns of a shuffled crop


def negative_crop(
    image: Uint8Image, landmarks: FloatArray, size_px: int, rng: np.random.Generator
) -> Uint8Image:
    """One crop (S, S, 3) without a usable face; landmarks (N, 3) say where the photo's face is.

    Half of them miss the face or show half of it, the others show a part, a far or an upside-down
    one, its pieces in disorder, or no photo at all. Same rng, same crop.
    """
    kinds: tuple[Callable[..., Uint8Image], ...] = (_part, _far, _upside_down, _pieces, _nothing)
    if rng.random() < 0.6:
        # Black beyond the border is where faces end too, but not so often.
        border_px = max(image.shape[:2]) // 2
        sides_px = (border_px, border_px, border_px, border_px)
        bordered = cv2.copyMakeBorder(image, *sides_px, cv2.BORDER_REPLICATE)
        image = np.asarray(bordered, np.uint8)
        landmarks = landmarks + np.array((border_px, border_px, 0), np.float32)
    face = CropRegion.around_landmarks(landmarks)
    make = _beside if rng.random() < 0.5 else kinds[rng.integers(len(kinds))]
    return make(image, face, size_px, rng)


def _beside(
    image: Uint8Image, face: CropRegion, size_px: int, rng: np.random.Generator
) -> Uint8Image:
    """Background, or the face cut through the middle."""
    angle = rng.uniform(0, 2 * np.pi)
    distance = rng.uniform(LEAST_SHIFT, MOST_SHIFT) * face.side_px
    center_x = face.center_x + distance * float(np.cos(angle))
    center_y = face.center_y + distance * float(np.sin(angle))
    side_px = face.side_px * float(np.exp(rng.normal(-0.2, 0.25)))
    return CropRegion(center_x, center_y, side_px, float(rng.normal(0, 20))).extract(image, size_px)


def _part(
    image: Uint8Image, face: CropRegion, size_px: int, rng: np.random.Generator
) -> Uint8Image:
    """An eye, a cheek, a collar: a small piece of the photo, enlarged."""
    height, width = image.shape[:2]
    side_px = face.side_px * float(rng.uniform(0.12, 0.4))
    center_x, center_y = (rng.uniform(0.3, 0.7, 2) * (width, height)).tolist()
    region = CropRegion(center_x, center_y, side_px, float(rng.normal(0, 20)))
    return region.extract(image, size_px)


def _far(image: Uint8Image, face: CropRegion, size_px: int, rng: np.random.Generator) -> Uint8Image:
    """A face much smaller than its crop, off the middle."""
    side_px = face.side_px * float(rng.uniform(2.0, 4.0))
    reach = 0.25 * side_px
    shift_x, shift_y = rng.uniform(-reach, reach, 2).tolist()
    region = CropRegion(face.center_x + shift_x, face.center_y + shift_y, side_px)
    return region.extract(image, size_px)


def _upside_down(
    image: Uint8Image, face: CropRegion, size_px: int, rng: np.random.Generator
) -> Uint8Image:
    """Turned in the picture by 100 to 260 degrees: the runtime turns its crops upright."""
    roll_deg = float(rng.uniform(100, 260))
    along = face.side_px * 0.1 * rng.normal(size=2)
    turn = np.array([[cos(radians(roll_deg)), -sin(radians(roll_deg))],
                     [sin(radians(roll_deg)), cos(radians(roll_deg))]])  # fmt: skip
    shift_x, shift_y = (turn @ along).tolist()
    region = CropRegion(face.center_x + shift_x, face.center_y + shift_y, face.side_px, roll_deg)
    return region.extract(image, size_px)


def _pieces(
    image: Uint8Image, face: CropRegion, size_px: int, rng: np.random.Generator
) -> Uint8Image:
    """The face's own crop as shuffled tiles: its colours and textures without its arrangement."""
    tile_px = -(-size_px // TILES)
    crop = face.extract(image, tile_px * TILES)
    rows = crop.reshape(TILES, tile_px, TILES, tile_px, 3).swapaxes(1, 2)
    tiles = rows.reshape(TILES * TILES, tile_px, tile_px, 3)[rng.permutation(TILES * TILES)]
    shuffled = tiles.reshape(TILES, TILES, tile_px, tile_px, 3)
    whole = shuffled.swapaxes(1, 2).reshape(tile_px * TILES, tile_px * TILES, 3)
    return np.ascontiguousarray(whole[:size_px, :size_px])


def _nothing(
    image: Uint8Image, face: CropRegion, size_px: int, rng: np.random.Generator
) -> Uint8Image:
    """A covered lens, a wall, a slope of light, grain."""
    colours = rng.uniform(0, 255, (2, 3))
    angle = rng.uniform(0, 2 * np.pi)
    along = np.linspace(-0.5, 0.5, size_px)
    slope = np.clip(0.5 + along[:, None] * np.sin(angle) + along * np.cos(angle), 0, 1)[..., None]
    grain = rng.normal(0, rng.uniform(0, 25), (size_px, size_px, 3))
    return np.asarray(
        np.clip(colours[0] * slope + colours[1] * (1 - slope) + grain, 0, 255).astype(np.uint8)
    )
