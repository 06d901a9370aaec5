"""How landmarks lie on a mean face: the similarity between the two, and what is left over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import Float64Array
from edge_runtime.pose import rotation_between

# Error of a face's landmarks fitted to the mean face. Over 300 maps of fitted photos it is 0.07 at
# most (the 68 landmarks alone: 0.09), and 0.37 at least when one axis is flipped.
WORST_FIT = 0.2
# The median over many faces: 0.02 there, 0.13 when the points belong to another UV than the maps.
WORST_MEDIAN_FIT = 0.08

AXES = {"x": (-1, 1, 1), "y": (1, -1, 1), "z": (1, 1, -1)}


@dataclass(frozen=True, eq=False)
class ShapeFit:
    """points are about scale_px * rotation @ shape + translation."""

    rotation: Float64Array  # (3, 3)
    scale_px: float  # size of the face in px where the shape's size is 1
    error: float  # root mean square distance of the points from that, in sizes of the face

    @property
    def faces_viewer(self) -> bool:
        """Whether a face of this pose is upright and seen from the front or the side."""
        return bool(self.rotation[1, 1] > -0.5 and self.rotation[2, 2] > -0.5)


def fit_shape(shape: NDArray[Any], points: NDArray[Any]) -> ShapeFit:
    """Least-squares similarity without reflection from a frontal shape (N, 3) to points (N, 3).

    Both x right, y down, z away from the viewer.
    """
    rotation = rotation_between(shape, points)
    centred = points - points.mean(axis=0)
    turned = (shape - shape.mean(axis=0)) @ rotation.T
    scale = max(float((turned * centred).sum() / (turned**2).sum()), 1e-9)
    left_over = centred - scale * turned
    error = float(np.sqrt((left_over**2).sum(axis=1).mean()) / scale)
    return ShapeFit(rotation, scale, error)


def flipped_axis(shape: NDArray[Any], points: NDArray[Any]) -> str | None:
    """The axis, "x", "y" or "z", whose sign makes an upright face of the points, if one does."""
    for axis, signs in AXES.items():
        fit = fit_shape(shape, points * np.array(signs))
        if fit.error < WORST_FIT and fit.faces_viewer:
            return axis
    return None
