"""What is said of the photos that a model learned from: nothing is guessed, nothing is lost."""

from dataclasses import replace

import numpy as np
import pytest

from training.dataset.data_source import (
    BUILDER,
    NOT_STATED,
    NOTHING_SAID,
    DataSource,
    Statement,
    licence_words,
    training_data_words,
)
from training.errors import DatasetError

OURS = Statement.of_builder("Our Faces 2026", "written consent")


def test_what_nobody_says_is_not_stated() -> None:
    assert Statement.of_builder(None, " ") == NOTHING_SAID
    half = Statement.of_builder("Our Faces 2026", None)
    assert (half.licence, half.stated_by) == (NOT_STATED, BUILDER)
    unknown = DataSource("backbone.npz")
    assert training_data_words([unknown]) == "photos, how many is not stated (source not stated)"
    assert licence_words([unknown]) == "not stated (backbone.npz)"


def test_a_later_word_adds_and_does_not_contradict() -> None:
    half = Statement.of_builder(None, "written consent")
    assert half.joined(Statement.of_builder("Our Faces 2026", None)) == OURS
    labelled = Statement(labels="face520 main")
    assert labelled.joined(OURS) == replace(OURS, labels="face520 main")
    assert NOTHING_SAID.joined(OURS) == OURS == OURS.joined(OURS) == OURS.joined(NOTHING_SAID)
    with pytest.raises(DatasetError, match="--licence 'written consent', now it is 'CC0'"):
        OURS.joined(Statement.of_builder(None, "CC0"))


def test_photos_turned_copies_and_held_out_ones_are_counted() -> None:
    held_out = np.array([True, False, False, True, False, False, False])
    found = DataSource.of(OURS, held_out, turned=2)
    assert (found.photos, found.turned, found.held_out) == (3, 2, 2)
    assert found.words == "3 photos and 2 turned copies (Our Faces 2026)"
    told = replace(found, labels="a committee").words
    assert told.endswith("(Our Faces 2026; labels by a committee)")
    assert licence_words([found]) == f"written consent, as {BUILDER} says"


def test_a_chain_of_starts_names_every_stage() -> None:
    first = DataSource("one 1.0", 1234, 0, 10, "Faces A", "CC0", "its page")
    again = DataSource("two 1.0", 5, 0, 1, "Faces B", "CC0", "its page")
    chain = [DataSource("three 1.0", 2), again, first, DataSource("start.npz")]
    assert training_data_words(chain) == (
        "2 photos (source not stated); before, as two 1.0, on 5 photos (Faces B); before, as one "
        "1.0, on 1,234 photos (Faces A); before, as start.npz, on photos, how many is not stated "
        "(source not stated)"
    )
    assert licence_words(chain) == (
        "not stated (three 1.0, start.npz); CC0, as its page says (two 1.0, one 1.0)"
    )
