"""What finds faces: the result and the interface of a detector; BlazeFace is the bundled one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import Box


@dataclass(frozen=True, eq=False)
class FaceDetection:
    """A face found in an image, before its landmarks are known.

    box: image px, a square from the brows to the chin as BlazeFace draws it. score: 0 to 1.
    keypoints (6, 2) float32, image px: right eye, left eye (the subject's), nose tip, mouth,
    right and left ear; zero rows where a detector of your own has none. is_hint: the detector
    itself would not call it a face; it counts where the landmark network is sure that it is one.
    """

    box: Box
    score: float
    keypoints: FloatArray
    is_hint: bool = False


class FaceDetector(Protocol):
    """Anything with this method can be given to `FaceLandmarker` as its detector."""

    def detect(self, image: Uint8Image) -> list[FaceDetection]:
        """Faces in an RGB image (H, W, 3), the best score first."""
        ...
