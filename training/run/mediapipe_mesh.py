"""MediaPipe's face mesh as a model to be scored: its vertices that are the 68 landmarks of iBUG."""

from __future__ import annotations

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import to_crop_units
from edge_runtime.layout import IBUG68_COUNT
from training.fitting.face_mesh import (
    LEAST_SCORE,
    MOST_FACES_IN_REGION,
    FaceMeshNetwork,
)

# The mesh's vertices at each landmark; two stand for the point half-way between them. These are the
# pairs of github.com/PeizhiYan/Mediapipe_2_Dlib_Landmarks, landmark 13 made the mirror image of 3;
# the eyes' are those that eye aspect ratios are usually taken from. On held-out faces below 20
# degrees of yaw no other vertex lies nearer to people's points by more than 0.6 % of the face.
VERTICES_OF_68: tuple[tuple[int, ...], ...] = (
    (127,), (234,), (93,), (132, 58), (58, 172), (136,), (150,), (176,), (152,),
    (400,), (379,), (365,), (397, 288), (361, 288), (323,), (454,), (356,),
    (70,), (63,), (105,), (66,), (107,), (336,), (296,), (334,), (293,), (300,),
    (168, 6), (197, 195), (5,), (4,), (75,), (97,), (2,), (326,), (305,),
    (33,), (160,), (158,), (133,), (153,), (144,),
    (362,), (385,), (387,), (263,), (373,), (380,),
    (61,), (39,), (37,), (0,), (267,), (269,), (291,), (321,), (314,), (17,), (84,), (91,),
    (78,), (82,), (13,), (312,), (308,), (317,), (14,), (87,),
)  # fmt: skip
_FIRST = [vertices[0] for vertices in VERTICES_OF_68]
_LAST = [vertices[-1] for vertices in VERTICES_OF_68]


def landmarks68(mesh: FloatArray) -> FloatArray:
    """The 68 landmarks (68, 3) of a mesh (468, 3)."""
    return (mesh[_FIRST] + mesh[_LAST]) / 2


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
                found[number] = to_crop_units(landmarks68(mesh), len(crop))
        return found

    def in_photo(self, image: Uint8Image) -> list[FloatArray]:
        """The 68 landmarks (68, 3), in px, of every face that it finds in an RGB photo."""
        return [landmarks68(mesh) for mesh in self._network.meshes(image)]
