"""Blinks pass, noise does not; the expression is calmed as the points are."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.studies.smoothing import BLINK_MS, FPS, blink_depth
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.layout import layout520
from edge_runtime.network.landmark_model import Prediction
from edge_runtime.tracking.face_smoother import FaceSmoother
from edge_runtime.tracking.one_euro import SETTINGS, Smoothing

FACE_PX = 100.0
BLINK, GAZE, JAW, BROW = (
    BLENDSHAPE_NAMES.index(name)
    for name in ("eyeBlinkLeft", "eyeLookInLeft", "jawOpen", "browInnerUp")
)


@pytest.fixture(scope="module")
def noisy_track() -> list[np.ndarray]:
    """Four seconds of a still face; each landmark strays by 0.2 % of its size."""
    rng = np.random.default_rng(0)
    still = layout520().mean_shape * FACE_PX
    noise = rng.normal(0, 0.0015 * FACE_PX, (120, *still.shape))
    return list((still + noise).astype(np.float32))


def smoothed(smoothing: Smoothing, track: list[np.ndarray], expressions: np.ndarray | None = None):
    smoother = FaceSmoother(SETTINGS[smoothing])
    return [
        smoother.smooth(
            Prediction(points, expression=None if expressions is None else expressions[number]),
            number * 1e3 / FPS,
        )
        for number, points in enumerate(track)
    ]


@pytest.mark.parametrize("length_ms", BLINK_MS)
@pytest.mark.parametrize(("smoothing", "least"), [(Smoothing.SOFT, 0.9), (Smoothing.STRONG, 0.75)])
def test_a_blink_keeps_its_depth(noisy_track, smoothing, least, length_ms) -> None:
    assert blink_depth(noisy_track, smoothing, length_ms) > least


@pytest.mark.parametrize(("smoothing", "most"), [(Smoothing.SOFT, 0.4), (Smoothing.STRONG, 0.25)])
def test_a_still_face_is_calmed(noisy_track, smoothing, most) -> None:
    calm = np.array([one.points for one in smoothed(smoothing, noisy_track)])[30:]
    noisy = np.array(noisy_track)[30:]
    assert calm.std(axis=0).mean() < most * noisy.std(axis=0).mean()


def test_the_expression_follows_the_lids(noisy_track) -> None:
    """One frame with the left eye shut: its coefficient goes along, a brow's noise does not."""
    track = [points.copy() for points in noisy_track]
    track[60][[43, 44]] = track[60][[47, 46]]
    expressions = np.zeros((120, len(BLENDSHAPE_NAMES)), np.float32)
    expressions[60, [BLINK, JAW, BROW]] = 1
    expressions[:, GAZE] = np.nan
    calm = smoothed(Smoothing.STRONG, track, expressions)[60].expression
    assert calm[BLINK] > 0.9
    assert max(calm[JAW], calm[BROW]) < 0.6
    assert np.isnan(calm[GAZE]) and np.isfinite(np.delete(calm, GAZE)).all()


def test_what_is_not_smoothed_stays(noisy_track) -> None:
    seen = np.linspace(0, 1, 520, dtype=np.float32)
    smoother = FaceSmoother(SETTINGS[Smoothing.SOFT])
    calm = smoother.smooth(Prediction(noisy_track[0], 0.7, None, seen), 0.0)
    assert calm.presence == 0.7 and calm.expression is None
    np.testing.assert_array_equal(calm.visibility, seen)
    np.testing.assert_array_equal(calm.points, noisy_track[0])
