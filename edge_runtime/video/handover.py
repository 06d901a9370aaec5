"""Passing things from one thread to the next: all of them, or always the latest."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Handover(Generic[T]):
    """Between one giving and one taking thread.

    capacity: how many may wait. drops_old: a full handover forgets its oldest instead of making the
    giver wait, so that what is taken is never older than capacity.
    """

    def __init__(self, capacity: int, drops_old: bool) -> None:
        self.dropped = 0
        self._capacity, self._drops_old = capacity, drops_old
        self._waiting: deque[T] = deque()
        self._changed = Condition()
        self._is_finished = self._is_abandoned = False

    def give(self, item: T) -> bool:
        """Pass an item on; False when nobody takes any more."""
        with self._changed:
            if self._drops_old:
                while len(self._waiting) >= self._capacity:
                    self._waiting.popleft()
                    self.dropped += 1
            else:
                self._changed.wait_for(
                    lambda: len(self._waiting) < self._capacity or self._is_abandoned
                )
            if self._is_abandoned:
                return False
            self._waiting.append(item)
            self._changed.notify_all()
            return True

    def finish(self) -> None:
        """Nothing more will be given."""
        with self._changed:
            self._is_finished = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Nothing more will be taken; what waits is forgotten."""
        with self._changed:
            self._is_abandoned = True
            self._waiting.clear()
            self._changed.notify_all()

    def take(self, timeout_s: float | None = None) -> T | None:
        """The next item; None after the last, when abandoned, or when the time is over."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._is_finished or self._is_abandoned, timeout_s
            )
            if not self._waiting:
                return None
            item = self._waiting.popleft()
            self._changed.notify_all()
            return item

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to take, now or later."""
        with self._changed:
            return self._is_abandoned or (self._is_finished and not self._waiting)
