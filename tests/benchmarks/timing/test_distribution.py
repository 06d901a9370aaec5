import numpy as np
import pytest

from benchmarks.timing.distribution import Distribution


def test_percentiles_of_known_samples():
    found = Distribution.of(np.arange(1, 102, dtype=float))
    assert (found.min_ms, found.median_ms, found.p90_ms, found.max_ms) == (1, 51, 91, 101)
    assert (found.p95_ms, found.p99_ms, found.mean_ms, found.count) == (96, 100, 51, 101)
    assert found.standard_error_ms == pytest.approx(np.std(np.arange(101), ddof=1) / 101**0.5)


def test_histogram_holds_every_sample_and_leaves_hiccups_beyond():
    samples = np.concatenate([np.random.default_rng(0).normal(1, 0.01, 999), [50.0]])
    histogram = Distribution.of(samples).histogram
    assert sum(histogram.counts) + histogram.beyond == 1000
    assert histogram.edges_ms[-1] < 1.1 and histogram.beyond >= 1


@pytest.mark.parametrize("samples", [[2.0], [2.0, 2.0, 2.0]])
def test_one_sample_or_equal_samples_have_no_spread(samples):
    found = Distribution.of(samples)
    assert found.standard_error_ms == 0 and found.p99_ms == found.min_ms == 2
