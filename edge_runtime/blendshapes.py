"""The 52 expression coefficients: their names and order, those of MediaPipe and ARKit.

Each is 0 for a face at rest and 1 for the movement made as far as the face model makes it;
`_neutral`, which MediaPipe puts first, is 1 minus the largest of the others. ARKit has `tongueOut`
in its place.
Left is the person's left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from edge_runtime.arrays import FloatArray, Int64Array

BLENDSHAPE_NAMES: tuple[str, ...] = (
    "_neutral",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight",
    "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight",
    "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
NEUTRAL = BLENDSHAPE_NAMES.index("_neutral")  # the first


def _mirrored(name: str) -> str:
    for side, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name


# (52,) place of the coefficient that takes over in a mirrored picture.
BLENDSHAPE_MIRROR: Int64Array = np.array(
    [BLENDSHAPE_NAMES.index(_mirrored(name)) for name in BLENDSHAPE_NAMES], np.int64
)


@dataclass(frozen=True, eq=False)
class BlendshapeScale:
    """From what a network puts out to blendshapes that are 0 at rest.

    A fit explains the features of many a face by movements, so a network says a little of them of
    everybody. at_rest (52,): what it says of faces at rest, NaN for blendshapes it does not know.
    """

    at_rest: FloatArray

    @classmethod
    def of(cls, at_rest: Sequence[float], unknown: Sequence[str]) -> BlendshapeScale:
        """at_rest as in a contract, empty for zeros; unknown: names."""
        values = np.zeros(len(BLENDSHAPE_NAMES), np.float32)
        values[: len(at_rest)] = at_rest
        values[[BLENDSHAPE_NAMES.index(name) for name in unknown]] = np.nan
        return cls(values)

    def read(self, output: FloatArray) -> FloatArray:
        """Blendshapes (..., 52) of a network's output, both 0 to 1; NaN of unknown ones."""
        told: FloatArray = (output - self.at_rest) / (1 - self.at_rest)
        # In place and without ndarray.clip: every frame of a video comes through here.
        np.maximum(told, 0, out=told)
        np.minimum(told, 1, out=told)
        return told if isnan(self.at_rest[NEUTRAL]) else with_neutral(told)


def with_neutral(blendshapes: FloatArray) -> FloatArray:
    """The same array (..., 52), its `_neutral` 1 minus the largest of the others that are known."""
    # fmax passes over NaN, unless nothing is known.
    blendshapes[..., NEUTRAL] = 1 - np.fmax.reduce(blendshapes[..., NEUTRAL + 1 :], axis=-1)
    return blendshapes
