import json
import re
import sys
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from benchmarks.errors import BenchmarkError, ReportFileError
from benchmarks.full_measurement import Plan, measure_all
from benchmarks.report.device_table import device_table
from benchmarks.report.figures import latency_bars, latency_histogram, sustained_lines
from benchmarks.report.markdown import to_markdown
from benchmarks.report.number_format import three_digits
from benchmarks.report.page import to_html
from benchmarks.report.record import Report, report_schema
from benchmarks.report.regression import changes
from benchmarks.report.svg_figure import SERIES, draw
from benchmarks.timing.distribution import Distribution


def test_json_returns_the_same_record(report, tmp_path):
    path = tmp_path / "report.json"
    report.write_json(path)
    assert Report.read(path) == report


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[]", "not a report"),
        ('{"schema_version": 99}', "found 99"),
        ('{"schema_version": 1}', "device: .*[Mm]issing|device: Field required"),
    ],
)
def test_what_is_no_report_is_named(tmp_path, text, says):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ReportFileError, match=rf"bad.json.*({says})"):
        Report.read(path)
    with pytest.raises(ReportFileError, match=r"absent.json: cannot be read"):
        Report.read(tmp_path / "absent.json")


def test_schema_describes_the_file(report):
    schema, stored = report_schema(), json.loads(report.to_json())
    Draft202012Validator.check_schema(schema)
    follows = Draft202012Validator(schema)
    follows.validate(stored)
    assert stored.keys() <= schema["properties"].keys()
    for damage in ({"device": {}}, {"seconds": "long"}, {"latency": [{"model": "main_int8"}]}):
        assert not follows.is_valid(stored | damage)


def test_page_is_one_file_without_network_or_scripts(report):
    page = to_html(report)
    assert not re.search(r"<script|<link|<img|@import|url\((?!#)|src=", page)
    # The only address is the namespace of SVG.
    assert set(re.findall(r"https?://[^\"\s<]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "prefers-color-scheme: dark" in page and 'name="viewport"' in page
    assert "Board &lt;4&gt;" in page and "Board <4>" not in page


def test_page_holds_every_section_and_plot(report):
    page = to_html(report)
    for section in (
        "For publication", "Latency", "Cold start and memory", "Against each other", "Pipeline",
        "Accuracy", "Sustained", "Operators", "Android", "Left out",
    ):  # fmt: skip
        assert f"<h2>{section}</h2>" in page
    # Bars, two histograms, ratios, stages, scatter, three lines over time, operators.
    assert page.count("<svg") == page.count("</svg>") == 10
    assert "instructions, emulated cortex-a72" in page and "4321 instructions" in page
    assert "Not for publication" not in page


def test_page_of_a_bare_report_stands(report):
    busy = replace(report.device, busy_percent=63.0)
    bare = Report(busy, report.created, 1.0)
    page = to_html(bare)
    assert "<svg" not in page and "<h2>" not in page and "Not for publication" in page


def test_machine_that_does_not_tell_is_not_called_quiet(report):
    silent = replace(report, device=replace(report.device, busy_percent=None))
    assert "does not tell how busy" in to_html(silent)
    assert "Not for publication" in to_markdown(silent)


def test_markdown_tables_have_even_rows(report):
    text = to_markdown(report)
    for block in text.split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({row.count("|") for row in rows}) <= 1
    assert "0.400 x [0.395, 0.405]" in text
    operators = report.operators[0].operators
    assert f"| {operators[1].macs} | 1234 |" in text and "| in one piece |" in text


def test_published_rows_say_what_stands_against_them(report):
    text = to_markdown(report)
    rows = [line.split(" | ") for line in text.splitlines() if " to 6" in line]
    assert rows[0][:5] == ["| main_int8", "1.20 MB", "3.60", "2.51, 2.55", "2.40, 2.41"]
    assert rows[0][6:] == ["41 to 63, 43 to 63", "0, 74", "none |"]
    assert rows[1][2] == "–" and rows[1][-1] == "the runs differ by 11 % |"
    assert "the runs differ by 11 %" in to_html(report)


def test_merged_table_has_a_row_per_device_and_model(report):
    other = replace(report, device=replace(report.device, name="Board 5", busy_percent=90.0))
    rows = device_table([report, other]).splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == (
        ["| Board <4>"] * 3 + ["| Board 5 (not quiet)"] * 3
    )
    assert "0.400 x [0.395, 0.405]" in rows[0] and "(x4)" in rows[0]
    # One thread by MLPerf's rules, the slower of two runs, and the accuracy of the same file.
    assert "| 1.20 MB | 3.60 | 2.41 | 2.55 |" in rows[0] and rows[0].endswith("| none |")
    assert "11 %" in rows[1]
    short = device_table([replace(report, published=())]).splitlines()[2]
    assert short.endswith("| short runs (no --publish) |") and "| 2.55 |" not in short
    assert "benchmark_model" in rows[2]


def test_slower_figures_are_regressions(report):
    slow = replace(
        report,
        latency=tuple(
            replace(run, latency=replace(run.latency, median_ms=run.latency.median_ms * 1.2))
            for run in report.latency
        ),
    )
    found = changes(report, slow, 1.1, on_any_device=False)
    assert sum(change.is_regression for change in found) == 5
    assert found[0].ratio == pytest.approx(1.2)
    assert not any(change.is_regression for change in changes(slow, report, 1.1, False))


def test_other_processor_compares_ratios_alone(report):
    other = replace(report, device=replace(report.device, processor="Cortex-A76"))
    assert [change.name for change in changes(report, other, 1.1, False)] == [
        "main_int8 (ai-edge-litert, 1 thread) over mediapipe (ai-edge-litert, 1 thread)"
    ]
    assert len(changes(report, other, 1.1, on_any_device=True)) == 6
    with pytest.raises(BenchmarkError, match=r"Nothing to compare"):
        changes(report, replace(other, comparisons=()), 1.1, False)


@pytest.mark.slow
def test_full_measurement_leaves_nothing_unsaid(tmp_path, main_int8):
    plan = Plan(
        models=(str(main_int8.path),), threads=(1, 999), sustain_seconds=0.5, quick=True,
        accuracy_folder=tmp_path, published=True,
    )  # fmt: skip
    found = measure_all(plan)
    assert [(run.threads, run.xnnpack) for run in found.latency] == [(1, True), (1, False)]
    assert found.pipeline and found.operators and found.sustained
    (row,) = found.published
    assert len(row.runs) == 2 and row.nme_percent is None
    assert row.reservations[0] == "ran for 0.2 s, not 60 s"
    assert row.reservations[-1] == "accuracy was not measured"
    assert any("999 threads" in reason for reason in found.skipped)
    assert any(reason.startswith("accuracy on") for reason in found.skipped)
    assert Report.from_json(found.to_json(), "here") == found
    assert "<svg" in to_html(found)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1234"), (12.34, "12.3"), (1.234, "1.23"), (0.1234, "0.123"), (0.01234, "0.0123"),
     (0, "0"), (None, "–"), (0.001234, "0.00123"), (9.999, "10.0"), (0.9999, "1.00"),
     (99.97, "100"), (5.0, "5.00"), (-12.34, "-12.3"), (123456.0, "123456")],
)  # fmt: skip
def test_three_digits(value, text):
    assert three_digits(value) == text


def test_a_figure_takes_the_pages_colours_and_width():
    svg = draw("a <b>", lambda axes: axes.plot([0, 1], [0, 1], color=SERIES[1], label="x & y"))
    assert svg.startswith('<svg role="img" aria-label="a &lt;b&gt;"') and "viewBox" in svg
    assert "stroke: var(--s1)" in svg and "stroke: var(--line)" in svg
    # Neither a size of its own, nor a stand-in for a colour, nor a style that meets the page.
    assert not re.search(r'pt"|#0[0-9a-f]{5}|<style|<metadata|xlink', svg)
    assert draw("t", lambda axes: axes.axvline(3)) == draw("t", lambda axes: axes.axvline(3))


def test_one_time_alone_and_a_long_name_are_drawn(report):
    run = report.latency[0]
    still = replace(run, model="m" * 99, latency=Distribution.of([2.5] * 9))
    assert "<svg" in latency_histogram(still)
    assert f">{'m' * 15}…{'m' * 13} x1<" in latency_bars((still,))


def test_throttled_stretches_that_follow_each_other_are_one_shade(report):
    run = report.sustained
    points = tuple(replace(one, throttled=one.seconds in (10, 11, 12, 40)) for one in run.points)
    caption, svg = sustained_lines(replace(run, points=points))[0]
    assert caption.startswith("Latency") and svg.count("fill: var(--band)") == 2


def test_a_page_without_its_packages_says_what_to_install(report, monkeypatch):
    for name in ("matplotlib", "jinja2"):
        with monkeypatch.context() as patch, pytest.raises(BenchmarkError, match=f"needs {name}"):
            patch.setitem(sys.modules, name, None)
            to_html(report)
