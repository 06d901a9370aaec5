"""Names are MediaPipe's; a mirrored wink changes eyes."""

from __future__ import annotations

import numpy as np

from edge_runtime.blendshapes import BLENDSHAPE_MIRROR, BLENDSHAPE_NAMES, BlendshapeScale


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


def test_a_face_at_rest_is_0_and_the_farthest_movement_1() -> None:
    pucker, jaw = BLENDSHAPE_NAMES.index("mouthPucker"), BLENDSHAPE_NAMES.index("jawOpen")
    at_rest = [0.25 if place == pucker else 0 for place in range(52)]
    output = np.zeros((3, 52), np.float32)
    output[:, pucker], output[1, jaw], output[2, pucker] = 0.25, 0.6, 1
    told = BlendshapeScale.of(at_rest, ["cheekPuff"]).read(output)
    np.testing.assert_allclose(told[:, pucker], [0, 0, 1])
    np.testing.assert_allclose(told[:, jaw], [0, 0.6, 0])
    # `_neutral` falls from 1 as anything moves.
    np.testing.assert_allclose(told[:, 0], [1, 0.4, 0], atol=1e-6)
    unknown = [BLENDSHAPE_NAMES[place] for place in np.flatnonzero(np.isnan(told[0]))]
    assert unknown == ["cheekPuff"] and output[0, 0] == 0  # what the network said stays as it was


def test_a_scale_that_knows_nothing_tells_nothing() -> None:
    output = np.full(52, 0.5, np.float32)
    assert np.isnan(BlendshapeScale.of((), BLENDSHAPE_NAMES).read(output)).all()
    told = BlendshapeScale.of((), ["_neutral"]).read(output)
    assert np.isnan(told[0]) and (told[1:] == 0.5).all()
