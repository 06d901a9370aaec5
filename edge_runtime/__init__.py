"""520 landmarks of every face in a photo or video, on numpy + OpenCV + LiteRT.

    image_file       a file            -> RGB uint8 (H, W, 3)
    blazeface        the image         -> boxes with a face in them
    crop             a box             -> the square the network sees, and the way back
    interpreter      the square        -> numbers, scaled as the model's contract says
    landmark_model   a square          -> 520 points in image px
    face_landmarker  all of the above  -> FaceLandmarks: points, pose, visibility
    face_tracker     frame after frame -> the same faces, numbered and calmed
    live_pipeline    a camera, a file  -> all of it in threads
    drawing, results FaceLandmarks     -> pictures; JSON, NPZ, CSV, OBJ, PLY

`layout` says what each of the 520 points is. `python -m edge_runtime photo.jpg` runs it all.
"""

from __future__ import annotations

from edge_runtime.crop import Box, CropRegion
from edge_runtime.detection.detector import FaceDetection, FaceDetector
from edge_runtime.errors import (
    Face520Error,
    FrameSourceError,
    ImageArrayError,
    ImageReadError,
    InterpreterMissingError,
    ModelFileError,
    OutputWriteError,
    ResultFileError,
    TimestampError,
    WindowError,
)
from edge_runtime.face_landmarker import FaceLandmarker, FaceLandmarkerOptions
from edge_runtime.face_landmarks import FaceLandmarks, HeadPose
from edge_runtime.image_file import read_image
from edge_runtime.layout import Layout, layout520
from edge_runtime.timings import Timings
from edge_runtime.tracking.face_tracker import TrackingOptions
from edge_runtime.tracking.one_euro import Smoothing

# The one place where the version stands; CONTRIBUTING.md tells how one is cut.
__version__ = "1.3.0"

__all__ = [
    "Box",
    "CropRegion",
    "Face520Error",
    "FaceDetection",
    "FaceDetector",
    "FaceLandmarker",
    "FaceLandmarkerOptions",
    "FaceLandmarks",
    "FrameSourceError",
    "HeadPose",
    "ImageArrayError",
    "ImageReadError",
    "InterpreterMissingError",
    "Layout",
    "ModelFileError",
    "OutputWriteError",
    "ResultFileError",
    "Smoothing",
    "TimestampError",
    "Timings",
    "TrackingOptions",
    "WindowError",
    "__version__",
    "layout520",
    "read_image",
]
