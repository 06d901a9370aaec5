"""The face model's expression coefficients as the blendshapes that ARKit and MediaPipe name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge_runtime.arrays import FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES, with_neutral
from edge_runtime.face_landmarks import AspectRatios

# Lids say little of gaze: the fits' own coefficients follow no iris, and none is to be learned. Nor
# is cheekPuff, which fits a wide face: 0.43 in the mean, and main 1.5.0 said 0.41 of everybody.
UNKNOWN_BLENDSHAPES = tuple(
    name for name in BLENDSHAPE_NAMES if name.startswith("eyeLook") or name == "cheekPuff"
)
SIDES = {"Left": "_L", "Right": "_R"}
# Height over width of an eye at which eyeBlink and eyeWide are 0 and 1: of 16,976 eyes whose lids
# people placed the 25th, 75th and 99th percentile, and the median of 1,200 closed ones
# (`benchmarks.studies.labels.openings`). Between the two an eye is at rest.
BLINK_RATIOS, WIDE_RATIOS = (0.23, 0.07), (0.35, 0.48)


def blendshape_labels(coefficients: FloatArray, names: Sequence[str]) -> FloatArray:
    """Blendshapes (..., 52) in the order of BLENDSHAPE_NAMES, NaN where they are unknown.

    coefficients (..., K) of a face model whose expressions bear these names, ICT FaceKit's: a side
    is _L or _R there, the person's. What ARKit has once and the model on both sides
    (browInnerUp) is the mean of the two. `_neutral` is 1 minus the largest of the
    others, so that it falls from 1 as anything moves.
    """
    place = {name: index for index, name in enumerate(names)}
    labels = np.full((*coefficients.shape[:-1], len(BLENDSHAPE_NAMES)), np.nan, np.float32)
    for index, blendshape in enumerate(BLENDSHAPE_NAMES):
        parts = [place[name] for name in _names_in_model(blendshape) if name in place]
        if parts and blendshape not in UNKNOWN_BLENDSHAPES:
            labels[..., index] = coefficients[..., parts].mean(axis=-1).clip(0, 1)
    return with_neutral(labels)


def with_lids(labels: FloatArray, points: FloatArray) -> FloatArray:
    """Blendshapes (52,) whose eyes close and open as the lids of the landmarks (68 or more, 3) do.

    A fit explains shut lids by eyeSquint (0.6 in the mean) as well as by eyeBlink (0.3), and eyes
    at rest by eyeWide (0.4), since the model's own are narrow; an avatar would never shut its eyes.
    What eyeBlink tells is taken from eyeSquint. Where eyeBlink is unknown, nothing changes.
    """
    ratios, told = AspectRatios.of(points), labels.copy()
    for side, ratio in (("Left", ratios.left_eye), ("Right", ratios.right_eye)):
        blink, squint, wide = (
            BLENDSHAPE_NAMES.index(f"eye{what}{side}") for what in ("Blink", "Squint", "Wide")
        )
        if np.isfinite(labels[blink]):
            told[blink] = np.interp(ratio, BLINK_RATIOS[::-1], (1, 0))
            told[squint] *= 1 - told[blink]
            told[wide] = np.interp(ratio, WIDE_RATIOS, (0, 1))
    return with_neutral(told)


def _names_in_model(blendshape: str) -> list[str]:
    """What the face model may call it: the same, both sides of it, or its side by a letter."""
    sides = [blendshape.removesuffix(side) + SIDES[side] for side in SIDES if side in blendshape]
    return [blendshape, *(blendshape + letter for letter in SIDES.values()), *sides]
