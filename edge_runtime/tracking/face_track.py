"""One face followed from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, isfinite

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.network.landmark_model import Prediction
from edge_runtime.pose import in_plane_roll_deg
from edge_runtime.tracking.blink_counter import BlinkCounter
from edge_runtime.tracking.face_smoother import FaceSmoother

SMALLEST_SIDE_PX = 8.0
# A face that jumps this far between frames, or changes this much in size, may be another thing.
JUMP_OF_SIDE = 0.25
JUMP_IN_SIZE = 1.25
SURE_OF_SHAPE = 0.9  # below, something may cover the face and spoil its shape and size


@dataclass(eq=False)
class FaceTrack:
    """A face that the tracker follows; predicted is the latest answer, unsmoothed.

    sure: the latest one of which the network was sure, that a later face is compared with.
    """

    track_id: int
    predicted: Prediction
    presence: float
    checked_ms: float  # when presence was last measured
    seen_ms: float
    smoother: FaceSmoother | None
    blinks: BlinkCounter | None
    doubts: int = 0  # frames in a row without a face

    def __post_init__(self) -> None:
        self.region = region_around(self.predicted.points)
        self.sure, self.sure_ms = self.predicted, self.seen_ms

    def move(self, predicted: Prediction, time_ms: float) -> bool:
        """Take the answer to a new frame; True when it is suspiciously far from the last."""
        last, self.region = self.region, region_around(predicted.points)
        self.predicted, self.seen_ms = predicted, time_ms
        size_change = self.region.side_px / last.side_px
        return (
            distance_in_sides(self.region, last) > JUMP_OF_SIDE
            or max(size_change, 1 / size_change) > JUMP_IN_SIZE
        )

    def judge(self, presence: float, least: float, time_ms: float) -> None:
        """Take a new measurement of presence."""
        self.presence, self.checked_ms = presence, time_ms
        if presence >= SURE_OF_SHAPE:
            self.sure, self.sure_ms = self.predicted, time_ms
        self.doubts = self.doubts + 1 if presence < least else 0

    def lies_in(self, image: Uint8Image) -> bool:
        """Whether the face's centre is in the picture, and the face is not too small."""
        height, width = image.shape[:2]
        region = self.region
        return (
            isfinite(region.side_px)
            and region.side_px >= SMALLEST_SIDE_PX
            and -0.5 <= region.center_x <= width - 0.5
            and -0.5 <= region.center_y <= height - 0.5
        )


def region_around(points: FloatArray) -> CropRegion:
    """The square for a face whose landmarks (520, 3) are known, turned upright with the head.

    Against an upright square, after four passes over 200 training photos (main 1.3.0): NME 1.81 for
    1.80 on the photos as they are, 1.82 for 2.29 turned by 30 degrees, 1.80 for 4.17 by 60.
    `python -m benchmarks.studies.roll_alignment DATA` repeats it.
    """
    return CropRegion.around_landmarks(points, in_plane_roll_deg(points))


def distance_in_sides(one: CropRegion, other: CropRegion) -> float:
    """Distance between two squares' centres, in sides of the smaller one."""
    distance = hypot(one.center_x - other.center_x, one.center_y - other.center_y)
    return distance / min(one.side_px, other.side_px)
