"""520 landmarks of every face in a photo or video, on numpy + OpenCV + LiteRT.

    files/, image_file  a path                    -> what kind of file it is; RGB uint8 (H, W, 3)
    video/              a film, a camera, a pipe  -> the same, frame after frame
    detection/          the image                 -> boxes with a face in them
    crop                a box                     -> the square the network sees, and the way back
    network/            the square                -> 520 points in image px, by the model's contract
    face_landmarker     all of the above          -> FaceLandmarks: points, pose, visibility
    tracking/           frame after frame         -> the same faces, numbered and calmed
    results/, drawing   FaceLandmarks             -> JSON, NPZ, CSV, OBJ, PLY; pictures
    live_page/, wires/  frames and their faces    -> a page in browsers; avatars (VMC), JSON by UDP

`layout` says what each of the 520 points is. `face520-run`, whose parts lie in commands/, and
`python -m edge_runtime photo.jpg` run it all.
"""

from __future__ import annotations

from edge_runtime.blendshapes import BLENDSHAPE_NAMES
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
from edge_runtime.face_landmarks import AspectRatios, Blinking, FaceLandmarks, Openings
from edge_runtime.image_file import read_image
from edge_runtime.layout import Layout, layout520
from edge_runtime.pose import HeadPose
from edge_runtime.timings import Timings
from edge_runtime.tracking.blink_counter import BlinkCounter
from edge_runtime.tracking.face_tracker import TrackingOptions
from edge_runtime.tracking.one_euro import Smoothing

# The one place where the version stands; CONTRIBUTING.md tells how one is cut.
__version__ = "1.11.0"

__all__ = [
    "BLENDSHAPE_NAMES",
    "AspectRatios",
    "BlinkCounter",
    "Blinking",
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
    "Openings",
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
