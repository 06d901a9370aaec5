import numpy as np
import pytest

from edge_runtime.tracking.one_euro import SETTINGS, OneEuroFilter, OneEuroSettings, Smoothing

STILL = OneEuroSettings(min_cutoff_hz=1.0, beta=0.0)


def run(settings, track, step_ms=20.0, face_px=100.0):
    smoother = OneEuroFilter(settings)
    return np.array(
        [
            smoother.filter(np.array([[x], [0], [0]], np.float32), face_px, n * step_ms)[0, 0]
            for n, x in enumerate(track)
        ]
    )


def test_the_first_points_pass_unchanged():
    points = np.random.default_rng(0).normal(size=(3, 520)).astype(np.float32)
    smooth = OneEuroFilter(SETTINGS[Smoothing.STRONG]).filter(points, 100, 0)
    np.testing.assert_array_equal(smooth, points)
    assert smooth is not points


def test_a_step_without_beta_is_a_low_pass_of_first_order():
    """After one time constant, 1 / (2 pi cutoff) = 159 ms, 63 % of the way."""
    answer = run(STILL, [0] + [100] * 2000, step_ms=1.0)
    assert answer[160] == pytest.approx(63.2, abs=0.5)
    assert answer[-1] == pytest.approx(100, abs=0.1)


def test_the_frame_rate_does_not_change_the_answer():
    slow = run(STILL, [0] + [100] * 25, step_ms=20.0)[-1]
    fast = run(STILL, [0] + [100] * 100, step_ms=5.0)[-1]
    assert slow == pytest.approx(fast, abs=2)


def test_speed_opens_the_filter():
    steady = np.arange(100) * 5.0
    lag = {s: (steady - run(SETTINGS[s], steady))[-1] for s in SETTINGS}
    assert 0 < lag[Smoothing.SOFT] < lag[Smoothing.STRONG] < 5
    assert (steady - run(STILL, steady))[-1] > 30


def test_near_and_far_faces_are_treated_alike():
    steady = np.arange(50) * 2.0
    near = run(SETTINGS[Smoothing.SOFT], steady * 4, face_px=400)
    far = run(SETTINGS[Smoothing.SOFT], steady, face_px=100)
    np.testing.assert_allclose(near, far * 4, rtol=1e-4)


def test_a_long_gap_takes_the_new_points():
    answer = run(SETTINGS[Smoothing.SOFT], [0, 50], step_ms=10_000.0)
    assert answer[1] == pytest.approx(50, abs=1)
