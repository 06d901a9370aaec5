"""Which landmarks of a layout trade places in a mirror, and how exactly they do."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from edge_runtime.arrays import Float64Array, FloatArray, Int64Array
from edge_runtime.layout import IBUG68_COUNT, Layout
from training import ibug68

# 95 % of the points must lie this close to their partner's mirror image. The shipped layout's lie
# within 0.0013, and within 0.009 once each is moved to its nearest texel. The paper's are no pairs:
# of the 266 in the upper half of the face 137 are on one side and 129 on the other.
FARTHEST_PARTNER = 0.03


def mirror_pairs(mean_shape: FloatArray) -> Int64Array:
    """Mirror permutation (N,) of a frontal shape (N, 3): the 68 landmarks by name, others by place.

    Nearest pairs first; distances are between a point and its partner's mirror image, and a point
    near the midline may be its own partner.
    """
    others = mean_shape[IBUG68_COUNT:].astype(np.float64)
    distance = cdist(others, others * (-1, 1, 1))
    one, other = np.triu_indices(len(others))
    partner = np.full(len(others), -1)
    for pair in np.argsort(distance[one, other], kind="stable"):
        i, j = int(one[pair]), int(other[pair])
        if partner[i] < 0 and partner[j] < 0:
            partner[i], partner[j] = j, i
    return np.concatenate([ibug68.mirror_order(), partner + IBUG68_COUNT]).astype(np.int64)


def mirror_error(layout: Layout) -> Float64Array:
    """Distance (N,) from each mean point to its partner's mirror image, in sizes of the face."""
    flipped = layout.mean_shape[layout.mirror].astype(np.float64) * (-1, 1, 1)
    return np.linalg.norm(flipped - layout.mean_shape, axis=1)


def has_mirror_pairs(layout: Layout) -> bool:
    """Whether a mirrored face is a face with its landmarks in their places: else do not mirror."""
    return bool(np.percentile(mirror_error(layout)[IBUG68_COUNT:], 95) < FARTHEST_PARTNER)
