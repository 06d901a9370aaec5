"""How far the eyes and the mouth are open, as height over width."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_runtime.arrays import FloatArray

# iBUG landmarks: the corners, then pairs above and below. Sides are the subject's.
RIGHT_EYE = ((36, 39), ((37, 41), (38, 40)))
LEFT_EYE = ((42, 45), ((43, 47), (44, 46)))
INNER_MOUTH = ((60, 64), ((61, 67), (62, 66), (63, 65)))


@dataclass(frozen=True)
class Openings:
    """Mean height over width of each eye and of the mouth between the lips; 0 is closed.

    The eyes' is the eye aspect ratio of Soukupova and Cech (2016), here in 3D, so that it stays
    the same while the head turns. Open eyes have about 0.3.
    """

    left_eye: float
    right_eye: float
    mouth: float


def openings(points: FloatArray) -> Openings:
    """Openings of a face with landmarks (520, 3) or (68, 3) in px."""
    return Openings(
        left_eye=_height_over_width(points, *LEFT_EYE),
        right_eye=_height_over_width(points, *RIGHT_EYE),
        mouth=_height_over_width(points, *INNER_MOUTH),
    )


def _height_over_width(
    points: FloatArray, corners: tuple[int, int], pairs: tuple[tuple[int, int], ...]
) -> float:
    width = np.linalg.norm(points[corners[0]] - points[corners[1]])
    heights = [np.linalg.norm(points[above] - points[below]) for above, below in pairs]
    return float(np.mean(heights) / max(float(width), 1e-6))
