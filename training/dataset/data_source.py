"""Whose photos a model learned from, how many, under which licence, and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_runtime.arrays import BoolArray
from training.errors import DatasetError

NOT_STATED = "not stated"
BUILDER = "whoever built the dataset"


@dataclass(frozen=True)
class Statement:
    """What somebody says of photos; nothing of it is guessed. labels: who or what made them."""

    source: str = NOT_STATED
    licence: str = NOT_STATED
    stated_by: str = NOT_STATED
    labels: str = NOT_STATED

    @classmethod
    def of_builder(cls, source: str | None, licence: str | None) -> Statement:
        """What the builder of a dataset was told, if anything."""
        said = [(text or "").strip() or NOT_STATED for text in (source, licence)]
        return cls(said[0], said[1], NOT_STATED if said == [NOT_STATED] * 2 else BUILDER)

    def joined(self, later: Statement) -> Statement:
        """This, with what a later one adds; raises DatasetError where they contradict."""
        found = {}
        for name in ("source", "licence"):
            old, new = getattr(self, name), getattr(later, name)
            if NOT_STATED not in (old, new) and old != new:
                raise DatasetError(
                    f"The photos were fitted with --{name} {old!r}, now it is {new!r}. Leave out "
                    f"--{name}, or fit them again."
                )
            found[name] = new if old == NOT_STATED else old
        first = later if self.stated_by == NOT_STATED else self
        return Statement(**found, stated_by=first.stated_by, labels=self.labels)


NOTHING_SAID = Statement()


@dataclass(frozen=True)
class DataSource:
    """Photos that one training learned from, and what is said of them.

    model: which learned, "" while it is a dataset's. photos: to train on, None where nobody knows;
    turned: copies of them with the head turned; held_out: photos that it did not learn from;
    labels: who or what made these.
    """

    model: str = ""
    photos: int | None = None
    turned: int = 0
    held_out: int = 0
    source: str = NOT_STATED
    licence: str = NOT_STATED
    stated_by: str = NOT_STATED
    labels: str = NOT_STATED

    @classmethod
    def of(cls, statement: Statement, held_out: BoolArray, turned: int = 0) -> DataSource:
        """held_out (N,): of all faces, turned copies among those that are not."""
        count = int(np.sum(held_out))
        own = len(held_out) - count - turned
        said = (statement.source, statement.licence, statement.stated_by, statement.labels)
        return cls("", own, turned, count, *said)

    @property
    def words(self) -> str:
        """Such as "184 photos and 92 turned copies (Our Faces 2026)"."""
        count = (
            "photos, how many is not stated" if self.photos is None else f"{self.photos:,} photos"
        )
        turned = f" and {self.turned:,} turned copies" if self.turned else ""
        source = f"source {NOT_STATED}" if self.source == NOT_STATED else self.source
        labels = "" if self.labels == NOT_STATED else f"; labels by {self.labels}"
        return f"{count}{turned} ({source}{labels})"


def is_new(data: DataSource, learned_from: Sequence[DataSource]) -> bool:
    """Whether none of these is the same photos, however often they were turned."""
    facts = [(one.source, one.licence, one.photos) for one in learned_from]
    return (data.source, data.licence, data.photos) not in facts


def training_data_words(learned_from: Sequence[DataSource]) -> str:
    """All photos that a model learned from, its own first, then those that its starts had seen."""
    own, *earlier = learned_from
    return "; ".join([own.words, *(f"before, as {one.model}, on {one.words}" for one in earlier)])


def licence_words(learned_from: Sequence[DataSource]) -> str:
    """The licences of all these photos, whose word each is, and which model learned from them."""
    models: dict[str, list[str]] = {}
    for one in learned_from:
        is_stated = one.licence != NOT_STATED
        words = f"{one.licence}, as {one.stated_by} says" if is_stated else NOT_STATED
        models.setdefault(words, []).append(one.model)
    return "; ".join(
        f"{words} ({', '.join(names)})" if any(names) else words for words, names in models.items()
    )
