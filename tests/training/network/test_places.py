"""Codes carried to maps of another size."""

import numpy as np
import pytest

from training.network.places import carried

OTHERS, CHANNELS, RANK = 5, 3, 2


def kernel(side: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(1, 1, OTHERS + side * side * CHANNELS, RANK))


def read(kernel: np.ndarray, features: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones(OTHERS), features.ravel()]) @ kernel[0, 0]


def test_a_map_of_the_same_size_is_read_as_it_was() -> None:
    np.testing.assert_allclose(carried(kernel(7), (7, 7, 3), (7, 7, 3)), kernel(7), atol=1e-12)


@pytest.mark.parametrize("side", [5, 9, 14])
def test_an_even_map_says_the_same(side: int) -> None:
    moved = carried(kernel(7), (7, 7, CHANNELS), (side, side, CHANNELS))
    even = np.random.default_rng(2).normal(size=CHANNELS)
    np.testing.assert_allclose(
        read(moved, np.broadcast_to(even, (side, side, CHANNELS))),
        read(kernel(7), np.broadcast_to(even, (7, 7, CHANNELS))),
    )


def test_a_spot_is_seen_where_it_was() -> None:
    """One place weighs: in twice as many, those upon it and beside it do, and none far off."""
    old = np.zeros((1, 1, 49, 1))
    old[0, 0, 2 * 7 + 5] = 1
    new = carried(old, (7, 7, 1), (14, 14, 1)).reshape(14, 14)
    assert set(np.argwhere(new > 0)[:, 0]) == {3, 4, 5, 6}
    assert set(np.argwhere(new > 0)[:, 1]) == {9, 10, 11, 12}
    assert np.unravel_index(new.argmax(), new.shape)[0] in (4, 5)
