"""Blinks, yawns and closed eyes of made-up faces: people whose eyes open differently wide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from edge_runtime import FaceLandmarks, layout520
from edge_runtime.face_landmarks import INNER_MOUTH, LEFT_EYE, RIGHT_EYE, AspectRatios, Blinking
from edge_runtime.tracking.blink_counter import BlinkCounter

STEP_MS = 1e3 / 30
Opening = Callable[[float], float]  # of a time in s


def opened(face: FaceLandmarks, eyes: float, mouth: float, left: float = 1.0) -> FaceLandmarks:
    """The mean face with eyes that share of its own open, left times that the left, and a mouth."""
    points = layout520().mean_shape * 200
    for pairs, factor in (
        (RIGHT_EYE[1], eyes),
        (LEFT_EYE[1], eyes * left),
        (INNER_MOUTH[1], mouth),
    ):
        for above, below in pairs:
            middle = (points[above] + points[below]) / 2
            points[[above, below]] = middle + factor * (points[[above, below]] - middle)
    return replace(face, points=points, visibility=np.ones(520, np.float32))


def watched(
    face: FaceLandmarks, seconds: float, eyes: Opening, mouth: Opening = lambda second: 1.0
) -> Iterator[Blinking]:
    counter = BlinkCounter()
    for number in range(round(seconds * 30)):
        second = number / 30
        yield counter.update(opened(face, eyes(second), mouth(second)), number * STEP_MS)


def closes(every_s: float, length_s: float, wide: float) -> Opening:
    """Eyes open as wide as told, shut for a moment again and again."""
    return lambda second: 0.0 if second > 1 and second % every_s < length_s else wide


@pytest.mark.parametrize("wide", [0.7, 1.0, 1.3])
def test_blinks_are_counted_for_wide_and_narrow_eyes(face, wide) -> None:
    last = list(watched(face, 30.5, closes(3.0, 0.12, wide)))[-1]
    assert last.blinks == 10 and last.yawns == 0 and last.closed_ms == 0
    assert last.perclos == pytest.approx(10 * 0.12 / 30.5, abs=0.015)


def test_half_closed_eyes_do_not_blink(face) -> None:
    last = list(watched(face, 20.0, lambda second: 0.75 + 0.25 * np.cos(2 * second)))[-1]
    assert last.blinks == 0 and last.perclos == 0


def test_closed_for_long_is_no_blink_but_perclos(face) -> None:
    states = list(watched(face, 30.0, lambda second: 0.0 if 10 < second < 16 else 1.0))
    assert states[-1].blinks == 0
    assert max(one.closed_ms for one in states) == pytest.approx(6000, abs=100)
    assert states[-1].perclos == pytest.approx(6 / 30, abs=0.01)


def test_what_was_over_a_minute_ago_is_forgotten(face) -> None:
    last = list(watched(face, 80.0, lambda second: 0.0 if 5 < second < 10 else 1.0))[-1]
    assert last.perclos == 0


def test_who_sleeps_does_not_become_the_measure(face) -> None:
    last = list(watched(face, 90.0, lambda second: 1.0 if second < 20 else 0.0))[-1]
    assert last.perclos > 0.95 and last.closed_ms == pytest.approx(70_000, abs=100)


def test_a_yawn_is_counted_once_and_a_word_is_not(face) -> None:
    ratio = AspectRatios.of(layout520().mean_shape).mouth
    wide = 0.6 / ratio

    def mouth(second: float) -> float:
        return wide if 5 < second < 8 or 12 < second < 12.5 else 1.0

    states = list(watched(face, 15.0, lambda second: 1.0, mouth))
    assert states[-1].yawns == 1
    assert states[round(6.0 * 30)].yawns == 0 and states[round(7.0 * 30)].yawns == 1


def test_an_eye_that_is_not_seen_does_not_count(face) -> None:
    """In profile the far eye's points are a guess."""
    counter = BlinkCounter()
    hidden = np.ones(520, np.float32)
    hidden[list(layout520().regions["left_eye"])] = 0
    for number in range(90):
        wink = 0.0 if 40 <= number < 44 else 1.0
        seen = replace(opened(face, 1.0, 1.0, left=wink), visibility=hidden)
        state = counter.update(seen, number * STEP_MS)
    assert state.blinks == 0 and state.perclos == 0


def test_a_face_that_was_away_has_not_slept(face) -> None:
    counter = BlinkCounter()
    for number in range(120):
        counter.update(opened(face, 0.0 if number == 119 else 1.0, 1.0), number * STEP_MS)
    state = counter.update(opened(face, 1.0, 1.0), 30_000.0)
    assert state.blinks == 0 and state.closed_ms == 0
    assert state.perclos < 0.1
