"""Names are MediaPipe's; a mirrored wink changes eyes."""

from __future__ import annotations

import numpy as np

from edge_runtime.blendshapes import BLENDSHAPE_MIRROR, BLENDSHAPE_NAMES


def test_52_different_names_in_mediapipes_places() -> None:
    assert len(set(BLENDSHAPE_NAMES)) == 52
    # Blendshapes of mediapipe/tasks/python/vision/face_landmarker.py, a few of its numbers.
    places = {"_neutral": 0, "browInnerUp": 3, "eyeBlinkLeft": 9, "eyeBlinkRight": 10,
              "jawOpen": 25, "mouthSmileLeft": 44, "noseSneerRight": 51}  # fmt: skip
    assert {name: BLENDSHAPE_NAMES.index(name) for name in places} == places


def test_mirroring_swaps_sides_and_nothing_else() -> None:
    names = np.array(BLENDSHAPE_NAMES)
    mirrored = dict(zip(names, names[BLENDSHAPE_MIRROR]))
    assert mirrored["eyeBlinkLeft"] == "eyeBlinkRight"
    assert mirrored["mouthRight"] == "mouthLeft"
    assert mirrored["jawOpen"] == "jawOpen"
    assert (names[BLENDSHAPE_MIRROR][BLENDSHAPE_MIRROR] == names).all()
