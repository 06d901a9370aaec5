"""The face model's expression coefficients as the blendshapes that ARKit and MediaPipe name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge_runtime.arrays import FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES

NEUTRAL = "_neutral"
# Lids say little of gaze: the fits' own coefficients follow no iris, and none is to be learned.
UNKNOWN_BLENDSHAPES = tuple(name for name in BLENDSHAPE_NAMES if name.startswith("eyeLook"))
SIDES = {"Left": "_L", "Right": "_R"}


def blendshape_labels(coefficients: FloatArray, names: Sequence[str]) -> FloatArray:
    """Blendshapes (..., 52) in the order of BLENDSHAPE_NAMES, NaN where they are unknown.

    coefficients (..., K) of a face model whose expressions bear these names, ICT FaceKit's: a side
    is _L or _R there, the person's. What ARKit has once and the model on both sides
    (browInnerUp, cheekPuff) is the mean of the two. `_neutral` is 1 minus the largest of the
    others, so that it falls from 1 as anything moves.
    """
    place = {name: index for index, name in enumerate(names)}
    labels = np.full((*coefficients.shape[:-1], len(BLENDSHAPE_NAMES)), np.nan, np.float32)
    for index, blendshape in enumerate(BLENDSHAPE_NAMES):
        parts = [place[name] for name in _names_in_model(blendshape) if name in place]
        if parts and blendshape not in UNKNOWN_BLENDSHAPES:
            labels[..., index] = coefficients[..., parts].mean(axis=-1).clip(0, 1)
    largest = np.nan_to_num(labels).max(axis=-1)
    is_known = np.isfinite(labels).any(axis=-1)
    labels[..., BLENDSHAPE_NAMES.index(NEUTRAL)] = np.where(is_known, 1 - largest, np.nan)
    return labels


def _names_in_model(blendshape: str) -> list[str]:
    """What the face model may call it: the same, both sides of it, or its side by a letter."""
    sides = [blendshape.removesuffix(side) + SIDES[side] for side in SIDES if side in blendshape]
    return [blendshape, *(blendshape + letter for letter in SIDES.values()), *sides]
