"""Rows by MLPerf's rules, and what they say against themselves."""

from dataclasses import replace

import pytest

from benchmarks.accuracy import Accuracy
from benchmarks.full_measurement import with_accuracy
from benchmarks.timing import published
from benchmarks.timing.engine import EngineOptions
from benchmarks.timing.published import PublishedRun, measure_published, reservations
from edge_runtime.live_page.sensors import Sensors

RUN = PublishedRun(60.0, 25_000, 2.4, 2.5, 0.0, None, None, 1.0, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ()),
        ({"p90_ms": 2.62}, ()),
        ({"p90_ms": 2.7}, ("the runs differ by 8 %",)),
        ({"seconds": 59.2}, ("ran for 59.2 s, not 60 s",)),
        ({"others_percent": 12.3}, ("other programs took 12 % of the CPU",)),
        ({"others_percent": None}, ("the load is unknown",)),
        ({"throttled": True}, ("throttled",)),
        ({"cool_down_seconds": 300.2}, ("still warm after 300 s of rest",)),
    ],
)
def test_what_stands_against_a_row(changes, said):
    assert reservations((RUN, replace(RUN, **changes))) == said
    assert reservations((replace(RUN, **changes), RUN)) == said


@pytest.fixture
def machine(tmp_path):
    """A root file system with one thermal zone; returns it and a way to heat it."""
    zone = tmp_path / "sys/class/thermal/thermal_zone0/temp"
    zone.parent.mkdir(parents=True)

    def heat(celsius: float) -> None:
        zone.write_text(f"{celsius * 1e3:.0f}\n")

    heat(40)
    return tmp_path, heat


def test_models_run_in_turns_and_rest_until_they_are_cool(blazeface, machine, monkeypatch):
    root, heat = machine
    steps, waits = [], []

    def on_step(line: str) -> None:
        steps.append(line)
        if len(steps) > 1:
            heat(60)

    def cool(seconds: float) -> None:
        waits.append(seconds)
        heat(60 - 6 * len(waits))

    monkeypatch.setattr(published, "sleep", cool)
    other = replace(blazeface, name="other")
    rows = measure_published(
        [blazeface, other], EngineOptions("ai-edge-litert"), 0.05, (), Sensors(root), on_step
    )
    assert [step.split(" for ")[0] for step in steps] == ["blazeface", "other"] * 2
    assert [row.model for row in rows] == ["blazeface", "other"]
    assert rows[0].runs[0].celsius_before == 40
    # 54, 48, 42 degrees: two over the 40 of the beginning are cool enough.
    assert waits[:3] == [1, 1, 1] and rows[1].runs[0].celsius_before == 42
    for row in rows:
        assert len(row.runs) == 2
        assert all(run.samples > 1 and run.p90_ms >= run.median_ms for run in row.runs)
        assert "ran for 0." in row.reservations[0]


def test_without_a_sensor_nobody_waits(blazeface, tmp_path, monkeypatch):
    monkeypatch.setattr(published, "sleep", lambda seconds: pytest.fail("waited"))
    options = EngineOptions("ai-edge-litert")
    (row,) = measure_published([blazeface], options, 0.05, (), Sensors(tmp_path))
    assert row.runs[0].celsius_before is None and row.runs[0].cool_down_seconds < 1


def test_a_row_has_the_accuracy_of_the_same_file(main_int8, blazeface, tmp_path):
    options = EngineOptions("ai-edge-litert")
    rows = measure_published([main_int8, blazeface], options, 0.02, (), Sensors(tmp_path))
    score = Accuracy("main_int8", "faces", 200, 3.24, (), None, 0, 1, 0.4)
    ours, others = with_accuracy(rows, [score])
    assert ours.nme_percent == 3.24 and "accuracy was not measured" not in ours.reservations
    assert others.nme_percent is None and "accuracy was not measured" not in others.reservations
    assert "accuracy was not measured" in with_accuracy(rows, [])[0].reservations
