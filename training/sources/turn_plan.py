"""Which photos are turned, and how far: large yaws are made as common as small ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_runtime.arrays import BoolArray, Float64Array

BIN_DEG = 10
LARGEST_YAW_DEG = 90
# A head is turned further away from the camera by this much: less is no other view, more shows
# mostly what the photo does not.
SMALLEST_TURN_DEG, LARGEST_TURN_DEG = 10.0, 60.0
PITCH_CHANGE_DEG = 6.0  # standard deviation
SEED = 520


@dataclass(frozen=True)
class Turn:
    """One photo, the yaw that its head is turned to, and how far it nods upward."""

    photo: int
    yaw_deg: float
    pitch_change_deg: float


def plan_turns(yaw_deg: Float64Array, held_out: BoolArray, share: float) -> list[Turn]:
    """Turns for share x the number of photos with yaw_deg (N,) that are not held_out (N,).

    New yaws go where the histogram of |yaw| is lowest, in bins of ten degrees; a head is turned
    on to the side that it looks to. Same input, same turns.
    """
    usable = np.flatnonzero(~held_out)
    by_yaw = usable[np.argsort(np.abs(yaw_deg[usable]), kind="stable")]
    source_yaws = np.abs(yaw_deg[by_yaw])
    rng = np.random.default_rng(SEED)
    turns = []
    for new_yaw in _missing_yaws(source_yaws, round(share * len(usable)), rng):
        allowed = np.searchsorted(
            source_yaws, [new_yaw - LARGEST_TURN_DEG, new_yaw - SMALLEST_TURN_DEG]
        )
        first, stop = allowed.tolist()
        if first == stop:
            continue
        photo = int(by_yaw[rng.integers(first, stop)])
        side = 1.0 if yaw_deg[photo] > 0 else -1.0
        turns.append(Turn(photo, side * new_yaw, float(rng.normal(0, PITCH_CHANGE_DEG))))
    return turns


def _missing_yaws(present: Float64Array, count: int, rng: np.random.Generator) -> Float64Array:
    """|yaw| (count,) that make the histogram of those present (N,) as flat as can be."""
    edges = np.arange(0, LARGEST_YAW_DEG + BIN_DEG, BIN_DEG)
    there = np.histogram(np.minimum(present, LARGEST_YAW_DEG), edges)[0].astype(np.int64)
    there[0] = max(there[0], count + len(present))  # no turn ends at the front
    # Water poured over the histogram: the level is where count more faces fit below it.
    sorted_bins = np.sort(there)
    room = np.arange(1, len(there) + 1) * sorted_bins - np.cumsum(sorted_bins)
    filled = int(np.searchsorted(room, count, side="right"))
    level = (count + sorted_bins[:filled].sum()) / filled
    missing = np.maximum(level - there, 0)
    bins = np.searchsorted(np.cumsum(missing), (np.arange(count) + 0.5) * missing.sum() / count)
    return rng.permutation(edges[bins] + rng.uniform(0, BIN_DEG, count))
