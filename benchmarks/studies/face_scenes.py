"""Scenes with many faces, near and far, whose places are known: made from portraits.

People are cut out of portraits before a plain wall (GrabCut) and put in front of made-up textures
in which nobody is: leaves of all sizes and colours over one another, which have the statistics of
natural images (Lee, Mumford and Huang, "Occlusion models for natural images", IJCV 2001), and noise
of all scales.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray, Uint8Image
from edge_runtime.crop import Box
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.files.input_files import input_files
from edge_runtime.image_file import decode_image, encode_jpeg, read_image
from edge_runtime.layout import IBUG68_COUNT

SIDE_PX = 512  # of a cut-out
MASK_PX = 128  # GrabCut's; hair and shoulders need no finer edge
FEWEST, MOST = 2, 30
NARROWEST_PX, WIDEST_PX = 16.0, 400.0
MOST_ROLL_DEG = 15.0
SURE_PRESENCE = 0.9
TRIES = 80
MOST_LEAVES = 3000


@dataclass(frozen=True, eq=False)
class CutOut:
    """A person: pixels (512, 512, 3), alpha (512, 512) 0 to 1, landmarks points (520, 3) px."""

    pixels: Uint8Image
    alpha: FloatArray
    points: FloatArray

    @property
    def face_width(self) -> float:
        """Width of the box around the 68 landmarks in px."""
        return Box.around(self.points[:IBUG68_COUNT]).width

    def scaled(self, width_px: float, roll_deg: float) -> CutOut:
        """The same with a face that wide, on a canvas of another size, turned clockwise."""
        side = max(round(SIDE_PX * width_px / self.face_width), 8)
        scale = side / SIDE_PX
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), -roll_deg, 1)
        layers = []
        for layer in (self.pixels, self.alpha):
            small = cv2.resize(layer, (side, side), interpolation=method)
            layers.append(cv2.warpAffine(small, turn, (side, side), borderMode=cv2.BORDER_CONSTANT))
        points = self.points * np.float32(scale)
        points[:, :2] += np.float32((scale - 1) / 2)  # pixel centres are at integers
        points[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
        pixels, alpha = layers
        return CutOut(np.asarray(pixels, np.uint8), np.clip(alpha, 0, 1).astype(np.float32), points)


@dataclass(frozen=True, eq=False)
class PlacedFace:
    """A face of a scene: how wide it is (68 landmarks, before it was turned), points (520, 3)."""

    width_px: float
    points: FloatArray

    @property
    def box(self) -> Box:
        return Box.around(self.points[:IBUG68_COUNT])


@dataclass(frozen=True, eq=False)
class FaceScene:
    """An RGB image (H, W, 3) and the faces in it, the widest first."""

    image: Uint8Image
    faces: list[PlacedFace]


def cut_outs(folder: Path, landmarker: FaceLandmarker) -> list[CutOut]:
    """The people of a folder of portraits. Raises Face520Error where there is none."""
    found = []
    for path in input_files([folder]).images:
        image = cv2.resize(read_image(path), (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
        pixels: Uint8Image = np.asarray(image, np.uint8)
        faces = landmarker.detect(pixels)
        if len(faces) == 1 and faces[0].presence >= SURE_PRESENCE:
            box = faces[0].box
            found.append(CutOut(pixels, _alpha(pixels, box), faces[0].points))
    if not found:
        raise Face520Error(f"{folder}: no portrait with one sure face. Give portraits.")
    return found


def _alpha(pixels: Uint8Image, face: Box) -> FloatArray:
    """Where the person is, 0 to 1, fading out at the bottom, where the portrait ends."""
    small = cv2.resize(pixels, (MASK_PX, MASK_PX), interpolation=cv2.INTER_AREA)
    scale = MASK_PX / SIDE_PX
    left, top, right, bottom = (
        round(edge * scale) for edge in (face.left, face.top, face.right, face.bottom)
    )
    width = right - left
    mask = np.full((MASK_PX, MASK_PX), cv2.GC_PR_BGD, np.uint8)
    mask[: bottom - width // 2, : max(left - width // 2, 1)] = cv2.GC_BGD
    mask[: bottom - width // 2, right + width // 2 :] = cv2.GC_BGD
    mask[:3] = cv2.GC_BGD
    mask[max(top - width // 2, 3) :, left:right] = cv2.GC_PR_FGD
    mask[top : bottom - width // 6, left + width // 6 : right - width // 6] = cv2.GC_FGD
    mask[-(MASK_PX // 8) :, left - width // 3 : right + width // 3] = cv2.GC_FGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(small, mask, None, *models, 4, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(person)
    largest = (parts == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))).astype(np.float32)
    alpha = cv2.resize(cv2.erode(largest, np.ones((2, 2))), (SIDE_PX, SIDE_PX))
    fade = np.clip((SIDE_PX - 12 - np.arange(SIDE_PX)) / 60, 0, 1)[:, None]
    return np.asarray(np.clip(cv2.GaussianBlur(alpha, (0, 0), 3), 0, 1) * fade, np.float32)


def make_scene(
    people: list[CutOut],
    size: tuple[int, int],
    rng: np.random.Generator,
    widths_px: list[float] | None = None,
) -> FaceScene:
    """One scene; widths_px: of its faces, else 2 to 30 from 16 to 400 px, evenly by logarithm."""
    if widths_px is None:
        limits = log(NARROWEST_PX), log(WIDEST_PX)
        widths_px = np.exp(rng.uniform(*limits, rng.integers(FEWEST, MOST + 1))).tolist()
    chosen = rng.permutation(len(people)).tolist()
    placed: list[tuple[CutOut, int, int]] = []
    bodies: list[Box] = []
    for number, width_px in enumerate(sorted(widths_px, reverse=True)):
        person = people[chosen[number % len(people)]]
        person = person.scaled(width_px, rng.uniform(-MOST_ROLL_DEG, MOST_ROLL_DEG))
        if place := _free_place(person, size, bodies, rng):
            placed.append((person, *place))
            bodies.append(_moved(_body(person), *place))
    image = texture(size, rng)
    for person, left, top in reversed(placed):  # the far ones first
        _paint(image, person, left, top)
    faces = []
    for person, left, top in placed:
        points = person.points + np.array([left, top, 0], np.float32)
        faces.append(PlacedFace(person.face_width, points))
    return FaceScene(_photographed(image, rng), faces)


def _free_place(
    person: CutOut,
    size: tuple[int, int],
    bodies: list[Box],
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """Left and top where the whole head is in the picture and nobody nearer stands before it."""
    head = _head(person)
    low = -head.left, -head.top
    high = size[0] - 1 - head.right, size[1] - 1 - head.bottom
    if high[0] <= low[0] or high[1] <= low[1]:
        return None
    for _ in range(TRIES):
        left, top = (int(x) for x in rng.uniform(low, high))
        if not any(_meet(_moved(head, left, top), body) for body in bodies):
            return left, top
    return None


def _head(person: CutOut) -> Box:
    """The face with its hair."""
    face = Box.around(person.points[:IBUG68_COUNT])
    margin = 0.25 * face.width
    return Box(face.left - margin, face.top - 3 * margin, face.right + margin, face.bottom + margin)


def _body(person: CutOut) -> Box:
    left, top, width, height = cv2.boundingRect((person.alpha > 0.02).astype(np.uint8))
    return Box(left, top, left + width - 1.0, top + height - 1.0)


def _moved(box: Box, left: float, top: float) -> Box:
    return Box(box.left + left, box.top + top, box.right + left, box.bottom + top)


def _meet(one: Box, other: Box) -> bool:
    return min(one.right, other.right) > max(one.left, other.left) and min(
        one.bottom, other.bottom
    ) > max(one.top, other.top)


def _paint(image: Uint8Image, person: CutOut, left: int, top: int) -> None:
    height, width = image.shape[:2]
    side = person.alpha.shape[0]
    rows = slice(max(top, 0), min(top + side, height))
    columns = slice(max(left, 0), min(left + side, width))
    within = (
        slice(rows.start - top, rows.stop - top),
        slice(columns.start - left, columns.stop - left),
    )
    alpha = person.alpha[within][:, :, None]
    behind = image[rows, columns]
    mixed = behind + alpha * (person.pixels[within].astype(np.float32) - behind)
    image[rows, columns] = np.round(mixed).astype(np.uint8)


def texture(size: tuple[int, int], rng: np.random.Generator) -> Uint8Image:
    """An RGB image in which nobody is: (height, width, 3)."""
    width, height = size
    smallest, largest = rng.uniform(5, 20), 0.5 * height
    count = min(int(height * width / smallest**2), MOST_LEAVES)
    image = np.zeros((height, width, 3), np.uint8)
    image[:] = rng.integers(0, 256, 3)
    # As many leaves of radius r as cover the picture equally at every scale: density 1 / r cubed.
    radii = np.sort(rng.uniform(largest**-2, smallest**-2, count) ** -0.5)[::-1]
    centers = rng.uniform((0, 0), (width, height), (count, 2))
    for radius, center, colour in zip(radii.tolist(), centers, _colours(count, rng).tolist()):
        _draw_leaf(image, radius, center, colour, rng)
    if rng.uniform() < 0.3:  # out of focus
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(1, 6)), np.uint8)
    grey = np.zeros((height, width), np.float32)
    for octave in range(7):
        shape = max(height >> octave, 2), max(width >> octave, 2), 1
        grey += cv2.resize(_noise(shape, 5, rng), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.add(image, cv2.merge([grey] * 3), dtype=cv2.CV_8U), np.uint8)


def _colours(count: int, rng: np.random.Generator) -> Uint8Image:
    """RGB (count, 3) of three hues, pale or vivid, of any brightness."""
    hues = rng.choice(rng.integers(0, 180, 3), count) + rng.normal(0, 8, count)
    saturations = 255 * rng.uniform(0.1, 0.7) * rng.uniform(0, 1, count)
    hsv = np.stack([hues % 180, saturations, rng.uniform(10, 250, count)], axis=-1)
    return np.asarray(cv2.cvtColor(hsv[None].astype(np.uint8), cv2.COLOR_HSV2RGB)[0], np.uint8)


def _draw_leaf(
    image: Uint8Image,
    radius: float,
    center: Float64Array,
    colour: list[int],
    rng: np.random.Generator,
) -> None:
    """A polygon or an ellipse."""
    corners = int(rng.integers(3, 12))
    drawn = rng.uniform(size=(2, corners))
    if corners % 2:
        angles, reach = np.sort(2 * np.pi * drawn[0]), radius * (0.5 + drawn[1])
        outline = center + (reach * np.stack([np.cos(angles), np.sin(angles)])).T
        cv2.fillPoly(image, [outline.astype(np.int32)], colour)
    else:
        axes = int(radius) + 1, int(radius * (0.3 + 0.7 * drawn[0, 0])) + 1
        tilt_deg = 360 * float(drawn[1, 0])
        cv2.ellipse(image, center.astype(int).tolist(), axes, tilt_deg, 0, 360, colour, -1)


def _noise(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> FloatArray:
    """White noise (H, W, C), the same again every 509 px: a new one for each would take longest."""
    height, width, channels = shape
    tile = rng.normal(0, sigma, (509, 509, channels)).astype(np.float32)
    tiled = np.tile(tile, (height // 509 + 1, width // 509 + 1, 1))
    return np.ascontiguousarray(tiled[:height, :width])


def _photographed(image: Uint8Image, rng: np.random.Generator) -> Uint8Image:
    """As a camera delivers it: a sensor's noise, JPEG."""
    noise = _noise(image.shape, rng.uniform(0, 4), rng)
    noisy = np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), np.uint8)
    photo = decode_image(encode_jpeg(noisy, int(rng.integers(80, 96))))
    assert photo is not None  # it was encoded a line above
    return photo
