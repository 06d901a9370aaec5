import numpy as np
import pytest

from benchmarks.timing.interleaving import MIN_ROUNDS, block_of, interleave
from benchmarks.timing.paired_ratio import PairedRatio


def test_ratio_survives_hiccups_that_both_share():
    rng = np.random.default_rng(1)
    load = 1 + rng.gamma(1, 2, 200)  # another program slows both sides of a round alike
    a, b = 0.4 * load * rng.normal(1, 0.01, 200), load * rng.normal(1, 0.01, 200)
    found = PairedRatio.of(a, b)
    assert found.ratio == pytest.approx(0.4, abs=0.005)
    assert found.low95 < 0.4 < found.high95 and found.high95 - found.low95 < 0.01


def test_interval_covers_the_truth_in_most_repeats():
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(200):
        a, b = rng.lognormal(0, 0.1, 40), rng.lognormal(0, 0.1, 40)
        found = PairedRatio.of(a, b)
        inside += found.low95 <= 1 <= found.high95
    assert 180 <= inside <= 200


def test_same_samples_give_the_same_interval():
    a, b = np.linspace(1, 2, 30), np.linspace(2, 1, 30)
    assert PairedRatio.of(a, b) == PairedRatio.of(a, b)


def test_rounds_turn_their_order_round():
    order = []

    def contender(name):
        def run(calls):
            order.append(name)
            return 1000.0

        return run

    times = interleave([contender("a"), contender("b"), contender("c")], seconds=0)
    assert times.shape == (MIN_ROUNDS, 3)
    rounds = ["".join(order[i : i + 3]) for i in range(3, len(order), 3)]
    assert rounds == ["abc", "cba"] * (MIN_ROUNDS // 2)


def test_first_call_of_a_block_is_not_counted():
    slow_first = iter([True, False, False, False])
    calls = []

    def call():
        calls.append(1)
        if next(slow_first):
            sum(range(2_000_000))

    assert block_of(call)(3) < 1 and len(calls) == 4
