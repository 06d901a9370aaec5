"""A pytest plugin for tests under qemu: programs that tests start run under it as well.

Photos are not searched for small faces: the windows of one photo take half a minute there.
"""

import os
import sys

from edge_runtime import FaceLandmarker
from edge_runtime.arrays import Uint8Image
from edge_runtime.detection.far_search import FarSearch
from edge_runtime.face_landmarks import FaceLandmarks

# sys.executable is the ARM interpreter, which the host cannot start; the wrapper can.
if "FACE520_ARM_PYTHON" in os.environ:
    sys.executable = os.environ["FACE520_ARM_PYTHON"]


def _no_far_faces(
    self: FaceLandmarker, image: Uint8Image, far: FarSearch, near: list[FaceLandmarks]
) -> list[FaceLandmarks]:
    return []


FaceLandmarker._far_faces = _no_far_faces  # type: ignore[method-assign]
