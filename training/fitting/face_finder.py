"""The faces of a photo, each seen twice: by this project's own model and by MediaPipe's mesh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import Box, CropRegion
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.detection.given_box import GivenBox
from edge_runtime.detection.mediapipe_detector import MediaPipeDetector
from edge_runtime.image_file import read_image
from edge_runtime.layout import IBUG68_COUNT
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.bundled_model import model_file
from edge_runtime.network.interpreter import default_num_threads
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.photos import DEMO_PHOTO
from edge_runtime.timings import Timings
from edge_runtime.tracking.first_look import Look, look_at_face
from training.fitting.face_mesh import REGION_OVER_CROP, FaceMeshNetwork

# Of the released models the one that scores best; its time is a small part of a fit's.
LANDMARK_MODEL_PATH = model_file("large_int8")
LEAST_DETECTION = 0.5
LEAST_PRESENCE = 0.5
# Side of the square around a picture over the longer side of that, and the px it is looked at in.
ROOM = 2.0
WITH_ROOM_PX = 320


@dataclass(frozen=True)
class View:
    """A square beside the face's own: turned, larger, shifted by shares of its side, mirrored."""

    roll_deg: float
    scale: float
    shift_x: float
    shift_y: float
    is_mirrored: bool


# Far enough from each other that the model's errors differ; it was trained on squares as far off.
VIEWS = (
    View(-6, 1.04, 0.015, -0.01, is_mirrored=False),
    View(-3, 0.97, -0.015, -0.01, is_mirrored=True),
    View(3, 1.0, 0.01, 0.015, is_mirrored=False),
    View(6, 1.06, -0.01, 0.015, is_mirrored=True),
)


@dataclass(frozen=True, eq=False)
class SeenFace:
    """What two networks say of a face, in px of the photo, z away from the viewer.

    points (520, 3): the landmark model's, the mean of VIEWS. presence: its probability of a face.
    spread_percent: how far the 68 landmarks lie from that mean in one view, of the face's size.
    mesh (468, 3): MediaPipe's, None where it finds none.
    """

    points: FloatArray
    presence: float
    spread_percent: float
    mesh: FloatArray | None

    @property
    def box(self) -> Box:
        """Tight box of the 68 landmarks."""
        return Box.around(self.points[:IBUG68_COUNT])


class FaceFinder:
    """Finds faces through mediapipe's `solutions` and a .tflite landmark model; a context manager.

    Raises Face520Error where mediapipe is absent or comes without models, ModelFileError for a
    landmark model that is absent or made for other landmarks.
    """

    def __init__(self, landmark_model: Path = LANDMARK_MODEL_PATH) -> None:
        self._mesh = FaceMeshNetwork()
        with stderr_of_libraries_closed():
            self._model = LandmarkModel(landmark_model, default_num_threads())
            self._far, self._near = (
                MediaPipeDetector(LEAST_DETECTION, full_range=far) for far in (True, False)
            )
            photo = read_image(DEMO_PHOTO)
            for detector in (self._far, self._near):
                detector.detect(photo)

    def __enter__(self) -> FaceFinder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._mesh.close()

    def find(self, image: Uint8Image) -> list[SeenFace]:
        """Faces in an RGB image (H, W, 3), the surest detection first; [] where there is none.

        The landmark model may doubt one of several, see `presence`.
        Far faces are looked for first; where there is none, one that fills the picture; then one
        that the picture's border cuts, which detectors find with room around it; then the picture
        itself is taken for a face.
        """
        for detections in self._candidates(image):
            looks = [look_at_face(self._model, image, one, Timings()) for one in detections]
            if any(look.presence >= LEAST_PRESENCE for look in looks):
                return [self._seen(image, look) for look in looks]
        return []

    def _candidates(self, image: Uint8Image) -> Iterator[list[FaceDetection]]:
        for detector in (self._far, self._near):
            yield detector.detect(image)
        height, width = image.shape[:2]
        whole = CropRegion((width - 1) / 2, (height - 1) / 2, max(height, width))
        with_room = whole.scaled(ROOM)
        found = self._near.detect(with_room.extract(image, WITH_ROOM_PX))
        yield [_in_image(one, with_room) for one in found]
        yield GivenBox(whole.landmark_box).detect(image)

    def _seen(self, image: Uint8Image, look: Look) -> SeenFace:
        points = look.predicted.points
        views = np.stack([view_of(self._model, image, points, view) for view in VIEWS])
        mean = views.mean(axis=0)
        off = np.linalg.norm((views - mean)[:, :IBUG68_COUNT, :2], axis=-1).mean()
        size_px = np.sqrt(np.prod(np.ptp(mean[:IBUG68_COUNT, :2], axis=0)))
        region = CropRegion.around_landmarks(mean).scaled(REGION_OVER_CROP)
        spread_percent = float(100 * off / size_px)
        return SeenFace(mean, look.presence, spread_percent, self._mesh.mesh_in(image, region))


def view_of(model: LandmarkModel, image: Uint8Image, points: FloatArray, view: View) -> FloatArray:
    """Landmarks (520, 3) in image px that the model sees in a square beside that of points."""
    own = CropRegion.around_landmarks(points, view.roll_deg)
    region = replace(
        own.scaled(view.scale),
        center_x=own.center_x + view.shift_x * own.side_px,
        center_y=own.center_y + view.shift_y * own.side_px,
    )
    return model.run(image, region, Timings(), view.is_mirrored).points


def _in_image(found: FaceDetection, region: CropRegion) -> FaceDetection:
    """A detection in a region's picture, in px of the image that it was cut from."""
    box = np.array([(found.box.left, found.box.top), (found.box.right, found.box.bottom)])
    corners = region.to_image(box.astype(np.float32), WITH_ROOM_PX)
    keypoints = region.to_image(found.keypoints, WITH_ROOM_PX)
    return FaceDetection(Box.around(corners), found.score, keypoints)
