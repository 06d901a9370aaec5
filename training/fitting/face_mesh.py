"""MediaPipe's face mesh: the faces of a photo with 468 points each."""

from __future__ import annotations

import importlib
from types import TracebackType

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.errors import Face520Error
from edge_runtime.image_file import read_image
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.photos import DEMO_PHOTO

MESH_POINT_COUNT = 468

# The landmark network looks at 1.5 times the face in 192 px; its own detector wants more around it.
REGION_OVER_CROP = 1.5
REGION_PX = 320
LEAST_SCORE = 0.5
# Inside the region of a face that was found already, the second detector may doubt it more.
LEAST_SCORE_IN_REGION = 0.3
MOST_FACES_IN_REGION = 3


class FaceMeshNetwork:
    """MediaPipe's face mesh solution on still photos, with its short-range detector before it.

    with_attention: the network that looks at eyes and lips once more (`refine_landmarks`). The
    other defaults are for squares around faces that were found already.
    Raises Face520Error where mediapipe is absent or comes without models.
    """

    def __init__(
        self,
        with_attention: bool = True,
        least_score: float = LEAST_SCORE_IN_REGION,
        most_faces: int = MOST_FACES_IN_REGION,
    ) -> None:
        # TensorFlow, where mediapipe finds it, and mediapipe's own C++ print pages of notes.
        with stderr_of_libraries_closed():
            try:
                solution = importlib.import_module("mediapipe").solutions.face_mesh
            except (ImportError, AttributeError) as error:
                raise Face520Error(
                    "The face mesh needs mediapipe with its models, 0.10.14 to 0.10.21 (later "
                    "ones carry none). Run: pip install 'mediapipe>=0.10.14,<0.10.22' on Python "
                    "3.9 to 3.12."
                ) from error
            self._network = solution.FaceMesh(
                static_image_mode=True,
                max_num_faces=most_faces,
                refine_landmarks=with_attention,
                min_detection_confidence=least_score,
            )
            # Its last notes come with the first face.
            self._network.process(read_image(DEMO_PHOTO))

    def __enter__(self) -> FaceMeshNetwork:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the graph; no further photo is taken."""
        self._network.close()

    def meshes(self, image: Uint8Image) -> list[FloatArray]:
        """Every mesh (468, 3) found in an RGB image, in its px."""
        height, width = image.shape[:2]
        found = []
        for one in self._network.process(np.ascontiguousarray(image)).multi_face_landmarks or []:
            # MediaPipe's 0 and 1 are the picture's edges, and z is in widths of it; pixel centres
            # are at integers here. The attention network adds irises behind the mesh.
            points = [(p.x, p.y, p.z) for p in one.landmark[:MESH_POINT_COUNT]]
            in_px = np.array(points, np.float32) * np.array((width, height, width), np.float32)
            found.append(in_px - np.array((0.5, 0.5, 0), np.float32))
        return found

    def mesh_in_middle(self, crop: Uint8Image) -> FloatArray | None:
        """Mesh (468, 3) in px of the face in the middle of a square crop 2.1 times its size."""
        middle = (len(crop) - 1) / 2

        def off_center(mesh: FloatArray) -> float:
            return float(np.linalg.norm(mesh[:, :2].mean(axis=0) - middle))

        nearest = min(self.meshes(crop), key=off_center, default=None)
        # A neighbour's face is no answer.
        if nearest is None or off_center(nearest) > len(crop) / 4:
            return None
        return nearest

    def mesh_in(self, image: Uint8Image, region: CropRegion) -> FloatArray | None:
        """Mesh (468, 3) in image px of the face in the middle of a square twice its size."""
        mesh = self.mesh_in_middle(region.extract(image, REGION_PX))
        return None if mesh is None else region.to_image(mesh, REGION_PX)


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


def landmarks68_of_mesh(mesh: FloatArray) -> FloatArray:
    """The 68 landmarks (..., 68, 3) of a mesh (..., 468, 3)."""
    return (mesh[..., _FIRST, :] + mesh[..., _LAST, :]) / 2
