"""Losses and scores against hand-computed values."""

from math import log

import numpy as np
import pytest
from keras import ops

from training.network.losses import (
    LOSS_SIDE_PX,
    Emphasis,
    KnownCrossentropy,
    LandmarkLoss,
    adaptive_wing,
    distance_loss,
    paper_loss,
    wing,
)
from training.network.nme_metric import NmeMetric
from training.network.standardisation import Standardisation
from training.nme import nme_percent


def numbers(tensor: object) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(tensor))


def test_wing_has_its_two_branches() -> None:
    error = np.array([0, 1, -1, 10, 12], np.float32)
    offset = 10 - 10 * log(6)
    expected = [0, 10 * log(1.5), 10 * log(1.5), 10 * log(6), 12 - offset]
    np.testing.assert_allclose(numbers(wing(error)), expected, rtol=1e-5)


@pytest.mark.parametrize("loss, joint", [(wing, 10.0), (lambda e: adaptive_wing(e, 0.5), 0.5)])
def test_branches_meet(loss: object, joint: float) -> None:
    below, above = numbers(loss(np.array([joint - 1e-4, joint + 1e-4], np.float32)))  # type: ignore[operator]
    assert above == pytest.approx(below, abs=1e-2)
    assert above > below


def test_adaptive_wing_matches_its_formula() -> None:
    # Equation 7 of arXiv:1904.07399 at |error| 0.25 < theta and 2 > theta, exponent 2.1 - 0.5.
    near = 14 * log(1 + 0.25**1.6)
    slope = 14 / (1 + 0.5**1.6) * 1.6 * 0.5**0.6
    far = slope * 2 - (0.5 * slope - 14 * log(1 + 0.5**1.6))
    values = numbers(adaptive_wing(np.array([0.25, -2], np.float32), 0.5))
    np.testing.assert_allclose(values, [near, far], rtol=1e-5)


def test_the_paper_weighs_wing_over_all_and_squares_over_68() -> None:
    error = np.zeros((2, 520, 3), np.float32)
    error[0] = 1.0
    error[1, 100] = 1.0  # not one of the 68
    one = 10 * log(1.5)
    expected = [1.5 * one + 0.5, 1.5 * one / 520]
    np.testing.assert_allclose(numbers(paper_loss(error)), expected, rtol=1e-5)


def test_distance_is_euclidean_in_the_image_plane() -> None:
    error = np.zeros((1, 520, 3), np.float32)
    error[..., 0], error[..., 1] = 3, 4
    assert numbers(distance_loss(error))[0] == pytest.approx(5, abs=1e-3)
    error[...] = 0
    error[..., 2] = 2
    assert numbers(distance_loss(error))[0] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", ["paper", "wing", "adaptive_wing", "distance"])
def test_losses_see_px_and_fall_with_the_error(name: str) -> None:
    std = np.full((520, 3), 0.1, np.float32)
    loss = LandmarkLoss(name, std)  # type: ignore[arg-type]
    truth = np.zeros((2, 520, 4), np.float32)
    truth[..., 3] = 1
    predicted = truth[..., :3]
    values = [float(loss(truth, predicted + error)) for error in (0.0, 0.1, 0.5)]
    assert values[0] < values[1] < values[2]
    assert values[0] == pytest.approx(0, abs=0.05)
    distrusted = truth * 0
    assert float(loss(distrusted, predicted + 0.5)) == pytest.approx(0, abs=0.05)


def test_a_blink_hardly_counts_without_emphasis_on_gaps() -> None:
    """Lids 2 px nearer: a twentieth of a px in the mean distance, 2 px as an emphasis on gaps."""
    std = np.full((520, 3), 1 / LOSS_SIDE_PX, np.float32)
    truth = np.zeros((1, 520, 4), np.float32)
    truth[..., 3] = 1
    blink = truth[..., :3].copy()
    blink[:, [37, 38, 43, 44], 1], blink[:, [41, 40, 47, 46], 1] = 1, -1
    plain, gaps = (
        LandmarkLoss("distance", std, emphasis) for emphasis in (None, Emphasis(gaps=1.0))
    )
    still = truth[..., :3]
    assert float(plain(truth, blink)) - float(plain(truth, still)) < 0.1
    assert float(gaps(truth, blink)) - float(gaps(truth, still)) > 1.9


def test_what_nobody_knows_teaches_nothing() -> None:
    import tensorflow as tf

    target = np.array([[1, 0, np.nan, np.nan]], np.float32)
    probability = tf.Variable([[0.5, 0.5, 0.1, 0.9]])
    with tf.GradientTape() as tape:
        loss = KnownCrossentropy()(target, probability)
    gradient = tape.gradient(loss, probability).numpy()[0]
    assert float(loss) == pytest.approx(2 * np.log(2) / 4, rel=1e-5)
    assert gradient[0] < 0 < gradient[1] and not gradient[2:].any()


def test_no_loss_has_a_broken_gradient_at_zero() -> None:
    import tensorflow as tf

    error = tf.Variable(tf.zeros((1, 520, 3)))
    for loss in (paper_loss, distance_loss, lambda e: adaptive_wing(e, 0.5)):
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(loss(error))
        assert np.isfinite(tape.gradient(value, error).numpy()).all()


def test_nme_of_a_known_shift() -> None:
    truth = np.random.default_rng(0).uniform(0, 1, (3, 68, 2))
    truth[:, 0], truth[:, 1] = (0, 0), (40, 90)
    shifted = truth + np.array([3, 4])
    np.testing.assert_allclose(nme_percent(shifted, truth), [5 / 60 * 100] * 3)


def test_nme_ignores_depth() -> None:
    truth = np.random.default_rng(0).uniform(0, 100, (2, 68, 3))
    deeper = truth + np.array([0, 0, 50])
    np.testing.assert_allclose(nme_percent(deeper, truth), 0, atol=1e-9)


def test_the_metric_in_keras_is_the_same_score() -> None:
    rng = np.random.default_rng(0)
    standardisation = Standardisation(
        rng.uniform(-0.5, 0.5, (520, 3)).astype(np.float32),
        rng.uniform(0.05, 0.2, (520, 3)).astype(np.float32),
    )
    truth, predicted = rng.normal(0, 1, (2, 5, 520, 3)).astype(np.float32)
    metric = NmeMetric(standardisation)
    metric.update_state(truth, predicted)
    undone = [standardisation.undo(outputs)[:, :68] for outputs in (predicted, truth)]
    assert float(metric.result()) == pytest.approx(nme_percent(*undone).mean(), rel=1e-4)


def test_standardisation_round_trips() -> None:
    landmarks = np.random.default_rng(0).normal(2, 3, (50, 520, 3)).astype(np.float32)
    standardisation = Standardisation.measure(landmarks)
    outputs = standardisation.apply(landmarks)
    np.testing.assert_allclose(outputs.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(outputs.std(axis=0), 1, atol=1e-3)
    np.testing.assert_allclose(standardisation.undo(outputs), landmarks, atol=1e-4)
    again = Standardisation.from_json(standardisation.to_json())
    np.testing.assert_allclose(again.std, standardisation.std, atol=1e-6)
