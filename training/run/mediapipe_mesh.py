"""MediaPipe's face mesh as a model to be scored, by its vertices at the 68 landmarks of iBUG."""

from __future__ import annotations

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import to_crop_units
from edge_runtime.layout import IBUG68_COUNT
from training.fitting.face_mesh import (
    LEAST_SCORE,
    MOST_FACES_IN_REGION,
    FaceMeshNetwork,
    landmarks68_of_mesh,
)


class MediaPipeMesh:
    """MediaPipe's mesh as its users run it: still photos, default limits, its own detector first.

    Raises Face520Error where mediapipe is absent or comes without models.
    """

    def __init__(self, with_attention: bool) -> None:
        self._network = FaceMeshNetwork(with_attention, LEAST_SCORE, MOST_FACES_IN_REGION)

    def in_crops(self, crops: Uint8Image) -> FloatArray:
        """The 68 landmarks (B, 68, 3) in crop units of the face in the middle of each crop
        (B, S, S, 3); NaN where it finds none there.
        """
        found = np.full((len(crops), IBUG68_COUNT, 3), np.nan, np.float32)
        for number, crop in enumerate(crops):
            mesh = self._network.mesh_in_middle(crop)
            if mesh is not None:
                found[number] = to_crop_units(landmarks68_of_mesh(mesh), len(crop))
        return found

    def in_photo(self, image: Uint8Image) -> list[FloatArray]:
        """The 68 landmarks (68, 3), in px, of every face that it finds in an RGB photo."""
        return [landmarks68_of_mesh(mesh) for mesh in self._network.meshes(image)]
