"""MediaPipe's face detection, where mediapipe is installed."""

from __future__ import annotations

import importlib

import numpy as np

from edge_runtime.arrays import Uint8Image
from edge_runtime.crop import Box
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.errors import Face520Error

FULL_RANGE, SHORT_RANGE = 1, 0


class MediaPipeDetector:
    """A `FaceDetector` through mediapipe's `solutions`, up to 0.10.21 on x86, 0.10.18 on ARM.

    full_range also finds faces at 2 to 5 m, for which the bundled BlazeFace is not made. Raises
    Face520Error where mediapipe is absent or has no models.
    """

    def __init__(self, min_score: float = 0.5, full_range: bool = True) -> None:
        try:
            solution = importlib.import_module("mediapipe").solutions.face_detection
        except (ImportError, AttributeError) as error:
            raise Face520Error(
                "mediapipe with its models is not installed. Run: pip install 'mediapipe<0.10.22' "
                "on Python 3.9 to 3.12, or use the bundled detector."
            ) from error
        self._detection = solution.FaceDetection(
            min_detection_confidence=min_score,
            model_selection=FULL_RANGE if full_range else SHORT_RANGE,
        )

    def detect(self, image: Uint8Image) -> list[FaceDetection]:
        """Faces in an RGB image (H, W, 3), the best score first."""
        height, width = image.shape[:2]
        found = []
        for detection in self._detection.process(np.ascontiguousarray(image)).detections or []:
            area = detection.location_data.relative_bounding_box
            points = [(p.x, p.y) for p in detection.location_data.relative_keypoints]
            # MediaPipe's 0 and 1 are the picture's edges; pixel centres are at integers here.
            corners = [(area.xmin, area.ymin), (area.xmin + area.width, area.ymin + area.height)]
            (left, top), (right, bottom), *keypoints = (
                np.array(corners + points) * (width, height) - 0.5
            ).tolist()
            box = Box(left, top, right, bottom)
            found.append(FaceDetection(box, detection.score[0], np.array(keypoints, np.float32)))
        return sorted(found, key=lambda detection: -detection.score)
