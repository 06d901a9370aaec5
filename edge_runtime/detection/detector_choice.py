"""`--detector blazeface`: which face detector that is."""

from __future__ import annotations

from enum import Enum

from edge_runtime.detection.blazeface import BlazeFace
from edge_runtime.detection.cascade import CascadeDetector
from edge_runtime.detection.detector import FaceDetector
from edge_runtime.detection.mediapipe_detector import MediaPipeDetector


class Detector(str, Enum):
    """The detectors by name; BlazeFace comes with face520 and runs wherever the model does."""

    BLAZEFACE = "blazeface"
    MEDIAPIPE = "mediapipe"
    CASCADE = "cascade"

    def open(self, min_score: float = 0.5, num_threads: int = 1) -> FaceDetector:
        """Make it. Raises Face520Error where it is not installed."""
        if self is Detector.MEDIAPIPE:
            return MediaPipeDetector(min_score)
        if self is Detector.CASCADE:
            return CascadeDetector(min_score)
        return BlazeFace(min_score=min_score, num_threads=num_threads)
