"""OpenCV's own face detector, for where no other can run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge_runtime.arrays import Float64Array, Uint8Image
from edge_runtime.crop import BOX_BELOW_DETECTION, BOX_OVER_DETECTION, Box
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.errors import Face520Error

FILE_NAME = "haarcascade_frontalface_alt2.xml"
# Where OpenCV's wheels and Debian's packages keep it.
DEBIAN_FOLDERS = (Path("/usr/share/opencv4/haarcascades"), Path("/usr/share/opencv/haarcascades"))
SMALLEST_SHARE = 0.1  # of a face, of the picture's shorter side
SMALLEST_PX = 24
SEARCH_SIDE_PX = 480  # larger pictures are searched at this size
SURE_WEIGHT = 60.0  # sums of stage weights of true faces lie around 56

# Box of the 68 landmarks relative to the cascade's square: longer side, and how far its centre lies
# below. Medians over the 117 of 200 photos of AFLW2000-3D in which the cascade finds the face: 105
# of 139 faces up to 30 degrees of yaw, 12 of 37 up to 60, none beyond.
BOX_OVER_CASCADE = 0.862
BOX_BELOW_CASCADE = 0.146


class CascadeDetector:
    """A `FaceDetector` that needs nothing but OpenCV; finds frontal, upright faces only.

    min_score: detections below are dropped, 0 to 1. Raises Face520Error where OpenCV comes without
    cascades, as OpenCV 5 does.
    """

    def __init__(self, min_score: float = 0.5, path: Path | None = None) -> None:
        if not hasattr(cv2, "CascadeClassifier"):
            raise Face520Error(
                "OpenCV 5 has no cascades. Run: pip install 'opencv-python-headless<5', or use "
                "another detector."
            )
        path = path or find_cascade()
        self.min_score = min_score
        try:
            self._cascade = cv2.CascadeClassifier(str(path))
        except (cv2.error, SystemError) as error:
            raise _unreadable(path) from error
        if self._cascade.empty():
            raise _unreadable(path)

    def detect(self, image: Uint8Image) -> list[FaceDetection]:
        """Faces in an RGB image (H, W, 3), the best score first."""
        scale = min(1.0, SEARCH_SIDE_PX / max(image.shape))
        if scale * min(image.shape[:2]) < SMALLEST_PX:
            return []
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        if scale < 1:
            gray = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        smallest = max(SMALLEST_PX, int(SMALLEST_SHARE * min(gray.shape)))
        squares, _, weights = self._cascade.detectMultiScale3(
            cv2.equalizeHist(gray),
            scaleFactor=1.1,
            minNeighbors=3,
            minSize=(smallest, smallest),
            outputRejectLevels=True,
        )
        scores = np.clip(np.ravel(np.asarray(weights, np.float64)) / SURE_WEIGHT, 0, 1)
        found = [
            _detection(np.asarray(square) / scale, float(score))
            for square, score in zip(squares, scores, strict=True)
            if score >= self.min_score
        ]
        return sorted(found, key=lambda detection: -detection.score)


def find_cascade() -> Path:
    """OpenCV's frontal face cascade. Raises Face520Error where it is not installed."""
    data: Any = getattr(cv2, "data", None)
    folders = ([Path(data.haarcascades)] if data is not None else []) + list(DEBIAN_FOLDERS)
    for folder in folders:
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise Face520Error(
        f"{FILE_NAME} is not installed. Run: sudo apt install opencv-data, or use another detector."
    )


def _unreadable(path: Path) -> Face520Error:
    return Face520Error(f"{path}: no cascade that OpenCV can load. Reinstall OpenCV.")


def _detection(square: Float64Array, score: float) -> FaceDetection:
    """OpenCV's left, top, width, height to a square like BlazeFace's, which the crop rule knows."""
    left, top, side, _ = square.tolist()
    center_x = left + side / 2 - 0.5
    landmarks_y = top + side / 2 - 0.5 + BOX_BELOW_CASCADE * side
    blaze_side = side * BOX_OVER_CASCADE / BOX_OVER_DETECTION
    center_y = landmarks_y - BOX_BELOW_DETECTION * blaze_side
    half = blaze_side / 2
    box = Box(center_x - half, center_y - half, center_x + half, center_y + half)
    return FaceDetection(box, score, np.zeros((6, 2), np.float32))
