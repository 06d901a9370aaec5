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


class FaceMeshFinder:
    """Finds faces and their meshes through mediapipe's `solutions`; a context manager.

    Raises Face520Error where mediapipe is absent or comes without models.
    """

    def __init__(self) -> None:
        # TensorFlow, where mediapipe finds it, and mediapipe's own C++ print pages of notes.
        with stderr_of_libraries_closed():
            try:
                solution = importlib.import_module("mediapipe").solutions.face_mesh
            except (ImportError, AttributeError) as error:
                raise Face520Error(
                    "Fitting photos needs mediapipe with its models, 0.10.14 to 0.10.21 (later "
                    "ones carry none). Run: pip install 'mediapipe>=0.10.14,<0.10.22' on Python "
                    "3.9 to 3.12."
                ) from error
            self._detectors = [
                MediaPipeDetector(LEAST_SCORE, full_range=far) for far in (True, False)
            ]
            self._network = solution.FaceMesh(
                static_image_mode=True,
                max_num_faces=MOST_FACES_IN_REGION,
                refine_landmarks=True,
                min_detection_confidence=LEAST_SCORE_IN_REGION,
            )
            # Its last notes come with the first face.
            photo = read_image(DEMO_PHOTO)
            for detector in self._detectors:
                detector.detect(photo)
            self._network.process(photo)

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
            wide = CropRegion(region.center_x, region.center_y, REGION_OVER_CROP * region.side_px)
            faces.append(MeshFace(detection.box, self.mesh_in(image, wide)))
        return faces

    def mesh_in(self, image: Uint8Image, region: CropRegion) -> FloatArray | None:
        """Mesh (468, 3) in image px of the face in the middle of a square twice its size."""
        crop = region.extract(image, REGION_PX)
        meshes = []
        for one in self._network.process(crop).multi_face_landmarks or []:
            # MediaPipe's 0 and 1 are the picture's edges; pixel centres are at integers here. The
            # attention network adds irises behind the mesh.
            points = [(p.x, p.y, p.z) for p in one.landmark[:MESH_POINT_COUNT]]
            mesh = np.array(points, np.float32) * REGION_PX - np.array((0.5, 0.5, 0), np.float32)
            meshes.append(region.to_image(mesh, REGION_PX))
        center = (region.center_x, region.center_y)

        def off_center(mesh: FloatArray) -> float:
            return float(np.linalg.norm(mesh[:, :2].mean(axis=0) - center))

        nearest = min(meshes, key=off_center, default=None)
        # A neighbour's face is no answer.
        if nearest is not None and off_center(nearest) > region.side_px / 4:
            return None
        return nearest
