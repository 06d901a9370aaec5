"""BlazeFace, the bundled face detector: 896 anchors to a few boxes (Bazarevsky et al., 2019).

The decoding follows MediaPipe 0.10.21, `modules/face_detection/face_detection_short_range.pbtxt`
and `face_detection.pbtxt`, which hold every constant below.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from math import ceil, inf
from pathlib import Path

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import Box, CropRegion
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.errors import ModelFileError
from edge_runtime.network.interpreter import Interpreter, OnRun

BLAZEFACE_PATH = Path(__file__).parents[1] / "models" / "blazeface_short_range.tflite"
BLAZEFACE_SHA256 = "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"
INPUT_SIZE_PX = 128
# Cells per side of a feature map, and anchors in each of its cells: 16*16*2 + 8*8*6 = 896.
ANCHOR_GRIDS = ((16, 2), (8, 6))
ANCHOR_COUNT = sum(side * side * per_cell for side, per_cell in ANCHOR_GRIDS)
KEYPOINT_COUNT = 6
LOGIT_LIMIT = 80.0  # MediaPipe's 100 overflows float32's exp; both give scores of 0 and 1
OVERLAP_OF_ONE_FACE = 0.3
# Many windows find many things that are no face: on 20 photos without one, they scored up to 0.68.
CLOSER_LOOK_SCORE = 0.75
# Of 1,264 held-out photos, profiles above all, 55 pictures show a face that scores less than 0.5;
# each scores 0.19 or more where it is.
HINT_SCORE, MOST_HINTS = 0.4, 2  # in parts of min_score
# A face that fills the picture, or that its edge cuts, is found as a smaller one: in a square this
# much larger than the picture, black around it. `benchmarks.studies.whole_photos` counts them.
AFAR_OVER_PICTURE = 1.6


class BlazeFace:
    """Finds faces that fill about an eighth of the image's side or more; a `FaceDetector`.

    min_score: detections below are dropped, 0 to 1. closer_looks: where no face is found, how often
    to look again through overlapping windows of half the size: faces half as large, for 9 more runs
    of the network on a square image. A second closer look costs 49 and finds many a false face.
    After them, the whole image is looked at upside down. on_run is called with each run. Raises
    ModelFileError when the model is absent or is another one.
    """

    def __init__(
        self,
        model_path: Path = BLAZEFACE_PATH,
        min_score: float = 0.5,
        num_threads: int = 1,
        closer_looks: int = 1,
        on_run: OnRun | None = None,
    ) -> None:
        if not model_path.is_file():
            raise ModelFileError(f"{model_path}: the face detector is absent. Reinstall face520.")
        # Pinned by hash: the decoding fits this file alone, and tflite-runtime, unlike LiteRT,
        # crashes on a damaged one.
        content = model_path.read_bytes()
        if sha256(content).hexdigest() != BLAZEFACE_SHA256:
            raise ModelFileError(
                f"{model_path}: damaged, or not the short-range BlazeFace of MediaPipe 0.10.21. "
                "Reinstall face520, or pass a detector of your own."
            )
        self.min_score = min_score
        self.closer_looks = closer_looks
        self._interpreter = Interpreter(model_path, num_threads, content=content, on_run=on_run)
        shapes = [output.shape for output in self._interpreter.outputs]
        self._score_output = shapes.index((1, ANCHOR_COUNT, 1))
        self._anchors = anchor_centers()

    def detect(self, image: Uint8Image) -> list[FaceDetection]:
        """Faces in an RGB image (H, W, 3), in its px, the best score first."""
        longest_side = max(image.shape[:2])
        for look in range(1 + self.closer_looks):
            side_px = longest_side / 2**look
            if look and side_px < INPUT_SIZE_PX:
                break
            min_score = max(self.min_score, CLOSER_LOOK_SCORE) if look else self.min_score
            if found := self._look_through(_windows(image, side_px), image, min_score):
                return _merge_windows(found)
        if not self.closer_looks:
            return []
        # One face in five that is upside down is found only the other way up.
        upside_down = [replace(window, roll_deg=180.0) for window in _windows(image, longest_side)]
        min_score = max(self.min_score, CLOSER_LOOK_SCORE)
        found = self._look_through(upside_down, image, min_score)
        return _merge_windows(found)

    def detect_whole(self, image: Uint8Image) -> list[FaceDetection]:
        """The same by a single run of the network, without closer looks."""
        windows = _windows(image, max(image.shape[:2]))
        found = self._look_through(windows, image, self.min_score)
        return _merge_windows(found)

    def detect_in_window(self, crop: Uint8Image, window: CropRegion) -> list[FaceDetection]:
        """Faces in the network's input (128, 128, 3), taken from a window, in the image's px."""
        found = [(_in_image(points, window), score) for points, score in self.detect_in_crop(crop)]
        return _merge_windows(found)

    def hints(self, image: Uint8Image) -> list[FaceDetection]:
        """What may be a face in an RGB image (H, W, 3) and scores too little for `detect`."""
        return self._hints_in(image, max(image.shape[:2]), self.min_score)

    def from_afar(self, image: Uint8Image) -> list[FaceDetection]:
        """What may be a face that fills an RGB image (H, W, 3) or leaves it."""
        return self._hints_in(image, AFAR_OVER_PICTURE * max(image.shape[:2]), inf)

    def _hints_in(self, image: Uint8Image, side_px: float, below: float) -> list[FaceDetection]:
        """The best that score less in one window of that side."""
        (window,) = _windows(image, side_px)
        found = self.detect_in_crop(window.extract(image, INPUT_SIZE_PX), HINT_SCORE)
        weak = [(points, score) for points, score in found if score < below][:MOST_HINTS]
        merged = _merge_windows([(_in_image(points, window), score) for points, score in weak])
        return [replace(one, is_hint=True) for one in merged]

    def _look_through(
        self, windows: list[CropRegion], image: Uint8Image, min_score: float
    ) -> list[tuple[FloatArray, float]]:
        """Points (8, 2) in image px and score of each face in each window."""
        return [
            (_in_image(points, window), score)
            for window in windows
            for points, score in self.detect_in_crop(window.extract(image, INPUT_SIZE_PX))
            if score >= min_score
        ]

    def detect_in_crop(
        self, crop: Uint8Image, least_share: float = 1.0
    ) -> list[tuple[FloatArray, float]]:
        """Points (8, 2) from 0 to 1 and score of each face in the network's input (128, 128, 3).

        least_share: of min_score, that a face must have.
        """
        outputs = self._interpreter.invoke(crop)
        logits = outputs[self._score_output].reshape(-1)
        regressors = outputs[1 - self._score_output].reshape(len(logits), -1)
        scores = 1 / (1 + np.exp(-np.clip(logits, -LOGIT_LIMIT, LOGIT_LIMIT)))
        likely = np.flatnonzero(scores >= least_share * self.min_score)
        points = decode(regressors[likely], self._anchors[likely])
        return merge_overlapping(points, scores[likely])


def anchor_centers() -> FloatArray:
    """Centres (896, 2) of the anchors, x and y from 0 to 1; all have the size of the input."""
    grids: list[FloatArray] = []
    for side, per_cell in ANCHOR_GRIDS:
        y, x = np.divmod(np.arange(side * side), side)
        cells = (np.stack([x, y], axis=-1) + 0.5) / side
        grids.append(np.repeat(cells, per_cell, axis=0))
    return np.asarray(np.concatenate(grids), np.float32)


def decode(regressors: FloatArray, anchors: FloatArray) -> FloatArray:
    """Regressors (N, 16) at anchors (N, 2) to points (N, 8, 2) from 0 to 1 of the input.

    Points: the box's left top and right bottom corner, then the six keypoints.
    """
    pairs = regressors.reshape(-1, 2 + KEYPOINT_COUNT, 2) / INPUT_SIZE_PX
    points = pairs + anchors[:, None]
    center, half_size = points[:, 0].copy(), pairs[:, 1] / 2
    points[:, 0], points[:, 1] = center - half_size, center + half_size
    return np.asarray(points, np.float32)


def merge_overlapping(points: FloatArray, scores: FloatArray) -> list[tuple[FloatArray, float]]:
    """Weighted non-maximum suppression of points (N, 8, 2), the best score first.

    As in MediaPipe, a face is the score-weighted mean of all detections that overlap its best one,
    and keeps the best one's score.
    """
    merged = []
    remaining = np.argsort(-scores, kind="stable")
    while len(remaining):
        best = remaining[0]
        same = _overlap(points[best], points[remaining]) > OVERLAP_OF_ONE_FACE
        same[0] = True  # a box without area overlaps nothing, not even itself
        group, remaining = remaining[same], remaining[~same]
        mean = np.average(points[group], axis=0, weights=scores[group]).astype(np.float32)
        merged.append((mean, float(scores[best])))
    return merged


def _overlap(one: FloatArray, many: FloatArray) -> FloatArray:
    """Intersection over union (N,) of a box with many, corners in points 0 and 1."""
    sides = np.minimum(one[1], many[:, 1]) - np.maximum(one[0], many[:, 0])
    shared = np.clip(sides, 0, None).prod(axis=-1)
    union = (one[1] - one[0]).prod() + (many[:, 1] - many[:, 0]).prod(axis=-1) - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)


def _windows(image: Uint8Image, side_px: float) -> list[CropRegion]:
    """Squares that cover the image, each overlapping the next by half or more."""

    def centers(length: int) -> list[float]:
        if length <= side_px:
            return [(length - 1) / 2]
        count = ceil((length - side_px) / (side_px / 2)) + 1
        margin = (side_px - 1) / 2
        return [float(x) for x in np.linspace(margin, length - 1 - margin, count)]

    height, width = image.shape[:2]
    return [CropRegion(x, y, side_px) for y in centers(height) for x in centers(width)]


def _in_image(points: FloatArray, window: CropRegion) -> FloatArray:
    # A fraction f of S pixels lies at pixel f * S - 0.5: pixel centres are at integers.
    moved = window.to_image(points * INPUT_SIZE_PX - 0.5, INPUT_SIZE_PX)
    moved[:2] = np.sort(moved[:2], axis=0)  # a turned window swaps the box's corners
    return moved


def _merge_windows(found: list[tuple[FloatArray, float]]) -> list[FaceDetection]:
    """Points (8, 2) in image px and scores of all windows to one detection per face."""
    scores = np.array([score for _, score in found], np.float32)
    detections = []
    for points, score in merge_overlapping(np.array([points for points, _ in found]), scores):
        (left, top), (right, bottom) = points[:2].tolist()
        detections.append(FaceDetection(Box(left, top, right, bottom), score, points[2:]))
    return detections
