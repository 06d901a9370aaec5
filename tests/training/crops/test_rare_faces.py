"""Rare faces come more often, and an epoch stays an epoch."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.crops.rare_faces import _evened_out, how_often, in_epoch
from training.dataset.dataset import Dataset

rates = st.lists(st.floats(0.1, 6), min_size=1, max_size=60)


@given(rates, st.integers(0, 2**32 - 1))
def test_an_epoch_has_as_many_crops_as_faces(times: list[float], seed: int) -> None:
    often = np.array(times) / np.mean(times)
    shown = in_epoch(often, np.random.default_rng(seed))
    assert shown.shape == (len(times), 2)
    count = np.bincount(shown[:, 0], minlength=len(times))
    assert (np.abs(count - often) < 1 + 1e-6).all()
    for face in np.unique(shown[:, 0]):
        assert shown[shown[:, 0] == face, 1].tolist() == list(range(count[face]))


def test_over_many_epochs_every_face_comes_as_often_as_it_should() -> None:
    often = np.array([0.25, 0.25, 2.5])
    counts = [
        np.bincount(in_epoch(often, np.random.default_rng(seed))[:, 0], minlength=3)
        for seed in range(2000)
    ]
    np.testing.assert_allclose(np.mean(counts, axis=0), often, atol=0.05)


def test_rare_openness_is_evened_out_up_to_the_boost() -> None:
    rng = np.random.default_rng(0)
    usual, closed = rng.normal(0.3, 0.02, 950), rng.normal(0.05, 0.01, 50)
    openness = np.concatenate([usual, closed, [np.nan]])
    times = _evened_out(openness, 5.0)
    assert times[950:1000].mean() > 4 and times[:950].mean() < 2.5
    assert np.isnan(times[-1]) and np.nanmax(times) == 5 and np.nanmin(times) == 1


def test_without_a_boost_every_face_comes_once(dataset_path: Path) -> None:
    index = Dataset.open(dataset_path).index("train")
    assert how_often(index, 1.0) is None
    often = how_often(index, 4.0)
    assert often is not None and len(often) == len(index)
    assert abs(often.mean() - 1) < 1e-9 and often.max() / often.min() <= 4
