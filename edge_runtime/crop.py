"""The square around a face: the only place that turns a box into a crop and points back again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, cos, radians, sin, sqrt

import cv2
import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from edge_runtime.layout import IBUG68_COUNT

# 3DDFA's rule (github.com/cleardusk/3DDFA_V2, parse_roi_box_from_landmark): the diagonal of the
# square over the longer side of the 68-point box.
SIDE_OVER_BOX = sqrt(2)

LONGEST_SIDE_PX = 32766  # of an image: cv2.warpAffine counts in 16 bits

# Box of the 68 landmarks relative to BlazeFace's square: its longer side, and how far its centre
# lies below. Medians over 600 photos of 300W (LFPW, HELEN, AFW), faces 20 to 50 % of the picture;
# 5th to 95th percentile 0.85 to 1.05 and -0.01 to 0.11, the same at all yaws in them, up to 60
# degrees.
BOX_OVER_DETECTION = 0.94
BOX_BELOW_DETECTION = 0.056


@dataclass(frozen=True)
class Box:
    """Axis-aligned rectangle in image px; x right, y down, pixel centres at integers."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, points: FloatArray) -> Box:
        """Tight box of points (N, 2 or 3) in px."""
        x, y = points[:, 0], points[:, 1]
        return cls(float(x.min()), float(y.min()), float(x.max()), float(y.max()))

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True)
class CropRegion:
    """A square of the image, side_px long, turned by roll_deg (clockwise as seen) about its centre.

    The square spans whole pixels: resampled to S pixels, crop pixel u lies at
    centre + (u - (S - 1) / 2) * side_px / S along the square's own x axis.
    """

    center_x: float
    center_y: float
    side_px: float
    roll_deg: float = 0.0

    @classmethod
    def around_box(cls, box: Box, roll_deg: float = 0.0) -> CropRegion:
        """The square for the tight box of the 68 landmarks."""
        return cls(*box.center, side_px=_side_px(box), roll_deg=roll_deg)

    @classmethod
    def around_detection(cls, box: Box) -> CropRegion:
        """The square for a face of which only a detector's box is known, such as BlazeFace's."""
        center_x, center_y = box.center
        side_px = SIDE_OVER_BOX * BOX_OVER_DETECTION * max(box.width, box.height)
        center_y += BOX_BELOW_DETECTION * box.height
        return cls(center_x, center_y, side_px=max(side_px, 1.0))

    @classmethod
    def around_landmarks(cls, points: FloatArray, roll_deg: float = 0.0) -> CropRegion:
        """The square for landmarks (520, 2 or 3) or (68, 2 or 3) in image px, turned by roll_deg.

        Its box is taken along the turned axes.
        """
        if roll_deg == 0:
            return cls.around_box(Box.around(points[:IBUG68_COUNT]))
        cosine, sine = cos(radians(roll_deg)), sin(radians(roll_deg))
        turn_back = np.array([[cosine, -sine], [sine, cosine]], np.float32)
        cosine, sine = turn_back[:, 0].tolist()
        box = Box.around(points[:IBUG68_COUNT, :2] @ turn_back)
        along, across = box.center
        center_x, center_y = along * cosine - across * sine, along * sine + across * cosine
        return cls(center_x, center_y, _side_px(box), roll_deg)

    @property
    def landmark_box(self) -> Box:
        """The square box of 68 landmarks that an upright square is around."""
        half = self.side_px / SIDE_OVER_BOX / 2
        x, y = self.center_x, self.center_y
        return Box(x - half, y - half, x + half, y + half)

    def scaled(self, factor: float) -> CropRegion:
        """The square about the same centre, with so many times the side."""
        return replace(self, side_px=factor * self.side_px)

    def to_image_matrix(self, size_px: int) -> Float64Array:
        """Affine (2, 3) from crop px to image px."""
        return self._matrix(size_px, 0.0, 0.0, 1)

    def _matrix(self, size_px: int, left: float, top: float, factor: int) -> Float64Array:
        """The same to px of an image that begins at (left, top), averaged down by a factor."""
        scale, middle = self.side_px / factor / size_px, (size_px - 1) / 2
        along, across = scale * cos(radians(self.roll_deg)), scale * sin(radians(self.roll_deg))
        shift_x = (self.center_x - left) / factor - (along - across) * middle
        shift_y = (self.center_y - top) / factor - (across + along) * middle
        return np.array([[along, -across, shift_x], [across, along, shift_y]])

    def extract(self, image: Uint8Image, size_px: int) -> Uint8Image:
        """Resample the square to (size_px, size_px, C); black outside the image.

        Bilinear; a square more than twice the size is first averaged down by a whole factor, so
        that a large face does not alias.
        """
        factor = int(self.side_px / size_px)
        if factor < 2:
            return _warp(image, self.to_image_matrix(size_px), size_px)
        part, left, top = self._read_part(image, factor)
        # Pixel j of the averaged image is centred on image pixel left + factor * j + (factor-1)/2.
        middle = (factor - 1) / 2
        matrix = self._matrix(size_px, left + middle, top + middle, factor)
        return _warp(_averaged_down(part, factor), matrix, size_px)

    def _read_part(self, image: Uint8Image, margin_px: int) -> tuple[Uint8Image, int, int]:
        """What of the image lies in the square and a margin around it, and where that begins."""
        turn = radians(self.roll_deg)
        reach = self.side_px * (abs(cos(turn)) + abs(sin(turn))) / 2
        height, width = image.shape[:2]
        left = min(max(int(self.center_x - reach) - margin_px, 0), width - 1)
        top = min(max(int(self.center_y - reach) - margin_px, 0), height - 1)
        right = max(min(ceil(self.center_x + reach) + margin_px + 1, width), left + 1)
        bottom = max(min(ceil(self.center_y + reach) + margin_px + 1, height), top + 1)
        return image[top:bottom, left:right], left, top

    def units_to_image(self, units: FloatArray) -> FloatArray:
        """Landmarks (N, 3) in crop units to image px; their mean z becomes 0."""
        turn = radians(self.roll_deg)
        along, across = self.side_px * cos(turn), self.side_px * sin(turn)
        depth = float(np.add.reduce(units[:, 2])) / len(units) * self.side_px
        matrix = np.array(
            [
                [along, -across, 0, self.center_x],
                [across, along, 0, self.center_y],
                [0, 0, self.side_px, -depth],
            ]
        )
        return np.asarray(cv2.transform(units[None], matrix)[0], np.float32)

    def to_image(self, points: FloatArray, size_px: int) -> FloatArray:
        """Points (N, 2 or 3) in crop px to image px; z is scaled with the square."""
        matrix = self.to_image_matrix(size_px)
        if points.shape[1] == 3:
            (a, b, x), (c, d, y) = matrix.tolist()
            scale = np.float32(self.side_px / size_px)
            matrix = np.array([[a, b, 0, x], [c, d, 0, y], [0, 0, scale, 0]])
        moved = cv2.transform(points.astype(np.float64)[None], matrix)[0]
        return np.asarray(moved, np.float32)

    def to_crop(self, points: FloatArray, size_px: int) -> FloatArray:
        """Points (N, 2 or 3) in image px to crop px; the inverse of `to_image`."""
        matrix = self.to_image_matrix(size_px)
        moved = np.array(points, dtype=np.float32)
        # A turn and a scale s: its inverse is its transpose over s squared.
        shrink = size_px / self.side_px
        moved[:, :2] = (points[:, :2] - matrix[:, 2]) @ (matrix[:, :2] * shrink**2)
        moved[:, 2:] *= shrink
        return moved


def _averaged_down(image: Uint8Image, factor: int) -> Uint8Image:
    """Means of factor x factor pixels (H, W, C); columns and rows that are over are left."""
    height, width = image.shape[:2]
    columns, rows = max(width // factor, 1), max(height // factor, 1)
    whole = image[: rows * factor, : columns * factor]
    return cv2.resize(  # type: ignore[return-value]
        whole, (columns, rows), interpolation=cv2.INTER_AREA
    )


def _side_px(box: Box) -> float:
    """Side of the square for the tight box of the 68 landmarks."""
    return max(SIDE_OVER_BOX * max(box.width, box.height), 1.0)


def to_crop_units(points_px: FloatArray, size_px: int) -> FloatArray:
    """Crop px (..., 2 or 3) to crop units: 0 at the centre, 1 the side; z divided by the side."""
    units = np.array(points_px, dtype=np.float32)
    units[..., :2] -= (size_px - 1) / 2
    return units / size_px


def from_crop_units(units: FloatArray, size_px: int) -> FloatArray:
    """Crop units to crop px; the inverse of `to_crop_units`."""
    middle = (size_px - 1) / 2
    points_px = np.asarray(units, np.float32) * np.float32(size_px)
    points_px += np.array((middle, middle, 0)[: units.shape[-1]], np.float32)
    return points_px


def _warp(image: Uint8Image, to_image: Float64Array, size_px: int) -> Uint8Image:
    return cv2.warpAffine(  # type: ignore[return-value]
        image,
        to_image,
        (size_px, size_px),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
    )
