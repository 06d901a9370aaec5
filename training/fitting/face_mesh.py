"""MediaPipe's face mesh: the faces of a photo with 468 points each."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import Box, CropRegion
from edge_runtime.detection.mediapipe_detector import MediaPipeDetector
from edge_runtime.errors import Face520Error
from edge_runtime.image_file import read_image
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.photos import DEMO_PHOTO
from training.fitting.mesh_registration import MESH_POINT_COUNT

# The landmark network looks at 1.5 times the face in 192 px; its own detector wants more around it.
REGION_OVER_CROP = 1.5
REGION_PX = 320
LEAST_SCORE = 0.5
# Inside the region of a face that was found already, the second detector may doubt it more.
LEAST_SCORE_IN_REGION = 0.3
MOST_FACES_IN_REGION = 3


@dataclass(frozen=True, eq=False)
class MeshFace:
    """A face found in a photo; mesh (468, 3) in px, z away from the viewer, None where it failed.

    Depth is in the same unit as x and y, and zero near the middle of the head.
    """

    box: Box
    mesh: FloatArray | None


class FaceMeshNetwork:
    """MediaPipe's face mesh solution on still photos, with its short-range detector before it.

    with_attention: the network that looks at eyes and lips once more (`refine_landmarks`).
    Raises Face520Error where mediapipe is absent or comes without models.
    """

    def __init__(self, with_attention: bool, least_score: float, most_faces: int) -> None:
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


class FaceMeshFinder:
    """Finds faces and their meshes through mediapipe's `solutions`; a context manager.

    Raises Face520Error where mediapipe is absent or comes without models.
    """

    def __init__(self) -> None:
        self._network = FaceMeshNetwork(True, LEAST_SCORE_IN_REGION, MOST_FACES_IN_REGION)
        with stderr_of_libraries_closed():
            self._detectors = [
                MediaPipeDetector(LEAST_SCORE, full_range=far) for far in (True, False)
            ]
            photo = read_image(DEMO_PHOTO)
            for detector in self._detectors:
                detector.detect(photo)

    def __enter__(self) -> FaceMeshFinder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._network.close()

    def find(self, image: Uint8Image) -> list[MeshFace]:
        """Faces in an RGB image (H, W, 3), the surest first.

        Far faces are looked for first, and only where there is none a face that fills the picture.
        """
        found = next(filter(None, (one.detect(image) for one in self._detectors)), [])
        faces = []
        for detection in found:
            region = CropRegion.around_detection(detection.box)
            wide = region.scaled(REGION_OVER_CROP)
            faces.append(MeshFace(detection.box, self.mesh_in(image, wide)))
        return faces

    def mesh_in(self, image: Uint8Image, region: CropRegion) -> FloatArray | None:
        """Mesh (468, 3) in image px of the face in the middle of a square twice its size."""
        mesh = self._network.mesh_in_middle(region.extract(image, REGION_PX))
        return None if mesh is None else region.to_image(mesh, REGION_PX)
