import io
import re
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from benchmarks.cli import app, main
from benchmarks.commands import accuracy, compare, instructions, latency
from benchmarks.commands import console as commands_console
from benchmarks.commands.console import duration_seconds
from benchmarks.machine_code.arm_code import Block
from benchmarks.operators.arm_emulation import ArmEmulation
from benchmarks.report.record import Report
from benchmarks.timing.cold_start import measure_cold_start
from benchmarks.timing.engine import Engine, EngineOptions
from edge_runtime.detection.blazeface import BLAZEFACE_PATH
from edge_runtime.image_file import write_jpeg

COMMANDS = ("latency", "compare", "accuracy", "operators", "check", "instructions", "arm", "report")


def call(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)), terminal_width=100)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_and_exit_codes(command):
    shown = call(command, "--help")
    assert shown.exit_code == 0
    assert f"face520-bench {command}" in shown.stdout
    assert "Examples:" in shown.stdout and "Exit codes:" in shown.stdout
    assert re.search(r"^\s+0  ", shown.stdout, re.M) and re.search(r"^\s+2  ", shown.stdout, re.M)


def test_help_lists_the_commands():
    shown = call("--help").stdout
    assert all(f"\n  {command}" in shown for command in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["latency", "absent.tflite"], "absent.tflite: no such model"),
        (["latency", "main_int8", "--runtime", "onnx"], "onnx: no such runtime"),
        (["latency", "main_int8", "--threads", "two"], "not a list such as 1,2,4"),
        (["latency", "main_int8", "--sustain", "long"], "not a time such as 30s or 10m"),
        (["check", "absent.json"], "absent.json: cannot be read"),
        (["report", "merge", "absent.json"], "absent.json: cannot be read"),
        (["report"], "Nothing to write to"),
        (["report", "--adb", "--json", "x.json"], "needs --benchmark-model"),
        (["accuracy", "absent_folder"], "absent_folder"),
    ],
)
def test_errors_say_what_to_do_and_exit_2(arguments, says, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["face520-bench", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert re.search(says, re.sub(r"[\s│]+", " ", capsys.readouterr().err))


def test_latency_writes_a_report(tmp_path, blazeface):
    target = tmp_path / "latency.json"
    done = call(
        "latency", blazeface.path, "--count", 10, "--seconds", 0.05, "--no-cold",
        "--sustain", "0.3s",
        "--json", target, "--html", tmp_path / "latency.html", "--markdown", tmp_path / "l.md",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    report = Report.read(target)
    assert report.latency[0].model == "blazeface_short_range" and report.sustained
    assert "blazeface" in done.stdout and (tmp_path / "latency.html").stat().st_size > 5000


def test_device_needs_the_runtimes_dependencies_alone(tmp_path, blazeface):
    # On a Raspberry Pi there is no jinja2; the JSON is written all the same. Newer typer versions
    # bring pydantic along.
    absent = ("jinja2", "matplotlib", "psutil", "scipy", "tensorflow", "mediapipe")
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({absent!r}))\n"
        "from benchmarks.cli import app; app(sys.argv[1:])"
    )
    arguments = [blazeface.path, "--count", 5, "--seconds", 0, "--json", tmp_path / "r.json"]
    done = subprocess.run(
        [sys.executable, "-c", code, "latency", *map(str, arguments), "--no-cold"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert Report.read(tmp_path / "r.json").latency


@pytest.mark.parametrize("is_terminal", [True, False])
def test_no_figure_of_a_table_is_cut_off(report, tmp_path, monkeypatch, is_terminal):
    long_name = "a_model_whose_name_is_longer_than_half_of_the_terminals_width_int8"
    rows = [*report.latency, replace(report.latency[0], model=long_name)]
    screen = io.StringIO()
    console = Console(file=screen, width=80, force_terminal=is_terminal, color_system=None)
    monkeypatch.setattr(commands_console, "out", console)
    scores = [replace(score, nme_percent=12.345) for score in report.accuracy]
    monkeypatch.setattr(accuracy, "measure_accuracy", lambda files, folder: scores)
    latency._print(rows)
    assert call("accuracy", tmp_path, "main_int8").exit_code == 0
    text = screen.getvalue()
    assert "…" not in text and "12.35" in text
    for row in rows:
        of = row.latency
        assert f"{of.mean_ms:#.3g} ± {of.standard_error_ms:#.3g}" in text
        assert all(f" {value:#.3g} " in text for value in (of.median_ms, of.p99_ms, of.min_ms))
    assert all(len(line) <= 80 for line in text.splitlines()) == is_terminal
    # Redirected, a setting is one line of each table, which grep finds.
    assert text.count(long_name) == (0 if is_terminal else 2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("latency main_int8 --threads ,", "at least one, from 1 on"),
        ("latency main_int8 --threads 0", "at least one, from 1 on"),
        ("compare main_int8 --pipeline --shape 1x2", "--pipeline takes none of"),
        ("operators main_int8 --llvm", "--llvm needs --time"),
        ("operators main_int8 --benchmark-model absent", "'absent' does not exist"),
        ("operators main_int8 --benchmark-model .", "'.' is a directory"),
        ("accuracy absent", "'absent' does not exist"),
        ("report --json r.json --accuracy absent", "'absent' does not exist"),
        ("report --json r.json --app demo.apk", "go with --adb"),
        ("report --json r.json --adb --publish", "takes none of --publish"),
        ("report --json r.json --threads 0", "at least one, from 1 on"),
        ("report --json r.json --runtime absent", "absent: no such runtime"),
        ("report --json r.json --cores 4096", "Cores 4096"),
        ("report --json r.json/r.json", "cannot be written"),
        ("latency main_int8 --json r.json/r.json", "cannot be written"),
        ("operators main_int8 --html r.json/r.html", "cannot be written"),
        ("accuracy . --markdown r.json/r.md", "cannot be written"),
        ("arm main_int8 --machine . --json r.json/r.json", "cannot be written"),
        ("arm main_int8 --machine . --baseline r.json", "not a baseline"),
        ("report merge r.json", "not a report"),
    ],
)
def test_what_cannot_be_measured_as_asked_is_told_before_measuring(
    words, says, tmp_path, monkeypatch
):
    (tmp_path / "r.json").write_text("[]")
    monkeypatch.chdir(tmp_path)
    done = call(*words.split())
    told = f"{done.output}{done.exception}"
    assert done.exit_code != 0 and says in told, told
    assert "thread" not in done.stderr.split("Error")[0]  # no step of a measurement
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_a_program_of_another_machine_is_named(blazeface, tmp_path):
    binary = tmp_path / "benchmark_model"
    binary.write_bytes(b"\x7fELF for another processor")
    binary.chmod(0o755)
    done = call("operators", blazeface.path, "--benchmark-model", binary)
    assert "benchmark_model: cannot be run here" in str(done.exception)


def open_shape(name):
    return Path(__file__).parents[1] / "timing" / f"{name}.tflite"


@pytest.mark.parametrize("name", ["dynamic_shape", "dynamic_conv"])
def test_an_open_shape_is_timed_as_stated_or_refused(name, tmp_path):
    short = ("latency", open_shape(name), "--count", 3, "--seconds", 0, "--no-cold")
    refusal = str(call(*short).exception)
    assert f"{name}.tflite: its input" in refusal and "leaves its shape open (?x?x?x3)" in refusal
    assert "--shape 1x224x224x3" in refusal
    done = call(*short, "--shape", "1x32x24x3", "--json", tmp_path / "r.json")
    assert done.exit_code == 0, done.output
    assert Report.read(tmp_path / "r.json").latency[0].model == f"{name} 1x32x24x3"
    for shape in ("1x32x24x4", "32"):
        assert f"takes ?x?x?x3, not {shape}" in str(call(*short, "--shape", shape).exception)
    assert call(*short, "--shape", "1x0").exit_code == 2


@pytest.mark.parametrize("command", ["operators", "arm", "instructions"])
@pytest.mark.parametrize("name", ["dynamic_shape", "dynamic_conv"])
def test_an_open_shape_is_counted_as_stated_or_refused(name, command, monkeypatch):
    """Valgrind and the ARM machine stand for themselves elsewhere; they get a file of one shape."""
    counted = []

    def count(models):
        for model in models:
            engine = Engine(model)
            engine.check()
            counted.append(list(engine.interpreter.get_input_details()[0]["shape_signature"]))
        return [{Block(0, (b"\x1f\x20\x03\xd5",)): 1}]

    machine = SimpleNamespace(count_blocks=lambda files, core: count(files), runtime="LiteRT")
    monkeypatch.setattr(ArmEmulation, "start", lambda folder: nullcontext(machine))
    monkeypatch.setattr(
        instructions, "count_instructions", lambda model, valgrind: len(count([model.path]))
    )
    refusal = str(call(command, open_shape(name), BLAZEFACE_PATH).exception)
    assert f"{name}.tflite: its input" in refusal and "--shape 1x224x224x3" in refusal
    assert not counted
    done = call(command, open_shape(name), BLAZEFACE_PATH, "--shape", "1x32x24x3")
    assert f"{name} 1x32x24x3" in done.output.replace("\n", " "), done.output
    if command != "operators":
        assert counted[:2] == [[1, 32, 24, 3], [1, 128, 128, 3]]
    fixed = call(command, BLAZEFACE_PATH, "--shape", "1x32x24x3")
    assert "takes 1x128x128x3, not 1x32x24x3" in str(fixed.exception)


def test_a_stated_shape_reaches_processes_of_their_own():
    file, shapes = open_shape("dynamic_conv"), ("--shape", "1x8x8x3", "--shape-b", "1x9x9x3")
    done = call("compare", file, file, *shapes, "--seconds", 0, "--processes")
    assert done.exit_code == 0 and "1x8x8x3" in done.output and "1x9x9x3" in done.output
    options = EngineOptions("ai-edge-litert", input_shape=(1, 8, 8, 3))
    assert measure_cold_start(file, options, 1).load_ms > 0


def test_a_fixed_shape_cannot_be_changed(blazeface):
    refused = call("latency", blazeface.path, "--shape", "1x64x64x3")
    assert "takes 1x128x128x3, not 1x64x64x3" in str(refused.exception)


def test_compare_exits_1_past_the_limit(blazeface):
    arguments = ["compare", blazeface.path, blazeface.path, "--seconds", 0.1]
    done = call(*arguments, "--at-most", 0.01)
    assert done.exit_code == 1 and "above 0.01" in done.output


def test_whole_frames_are_a_table_and_a_record(report, tmp_path, monkeypatch):
    screen, found = io.StringIO(), report.tracked_frames
    console = Console(file=screen, width=80, force_terminal=True, color_system=None)
    monkeypatch.setattr(commands_console, "out", console)
    asked = []
    monkeypatch.setattr(
        compare, "measure_tracked_frames", lambda *given: asked.append(given) or found
    )
    photo, target = tmp_path / "one.jpg", tmp_path / "frames.json"
    write_jpeg(photo, np.zeros((8, 8, 3), np.uint8))
    arguments = ("compare", "--pipeline", "--threads-b", 2, "--seconds", 3)
    done = call(*arguments, "--photos", tmp_path, "--json", target, "--at-most", 0.2)
    assert done.exit_code == 1 and "The ratio 0.332 is above 0.2" in done.output
    (((main, small), photos, seconds, _cores),) = asked
    assert (main[0].name, main[1], small[0].name, small[1]) == ("main_int8", 1, "small_int8", 2)
    assert photos == [photo] and seconds == 3
    assert Report.read(target).tracked_frames == found
    text = screen.getvalue()
    assert all(len(line) <= 80 for line in text.splitlines()) and "…" not in text
    for row in found.rows:
        assert str(row.cpu) in text and str(row.cpu_of_mediapipe) in text
        assert f"{row.wall.median_ms:.2f}" in text
        assert all(f"{one.p90_ms:.2f}" in text for one in (row.cpu, row.wall))
    assert call(*arguments, "--processes").exit_code == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no photo in it" in str(call(*arguments, "--photos", empty).exception)


def test_check_of_a_report_with_itself_and_with_a_slower_one(report, tmp_path):
    base = tmp_path / "base.json"
    report.write_json(base)
    assert call("check", base, "--against", base).exit_code == 0
    slow = tmp_path / "slow.json"
    slow.write_text(re.sub(r'"ratio": 0\.4\b', '"ratio": 0.6', report.to_json()))
    done = call("check", base, "--against", slow)
    assert done.exit_code == 1 and "1 of 6 figures" in done.output


def test_merge_writes_a_table(report, tmp_path):
    base, table = tmp_path / "base.json", tmp_path / "table.md"
    report.write_json(base)
    assert "| Board <4> |" in call("report", "merge", base, base).stdout
    assert call("report", "merge", base, "-o", table).exit_code == 0
    assert table.read_text().startswith("| device |")


def test_schema_is_json():
    assert '"LatencyRun"' in call("report", "schema").stdout


def test_operators_are_listed(blazeface, tmp_path):
    done = call("operators", blazeface.path, "--json", tmp_path / "o.json")
    assert done.exit_code == 0 and "DEPTHWISE_CONV_2D" in done.stdout
    (table,) = Report.read(tmp_path / "o.json").operators
    assert f"{len(table.operators)} operators" in done.stdout


def test_operator_times_come_from_benchmark_model(blazeface, tmp_path, stand_in):
    binary = tmp_path / "benchmark_model"
    text = Path(__file__).parents[1] / "stand_ins" / "benchmark_model.txt"
    binary.write_text(f"#!/bin/sh\ncat '{text}'\n")
    binary.chmod(0o755)
    done = call("operators", blazeface.path, "--benchmark-model", binary)
    assert done.exit_code == 0 and "61.1 %   15 x Convolution" in done.stdout


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1.5s", 1.5), ("10m", 600), ("1h", 3600), ("0", 0)]
)
def test_durations(text, seconds):
    assert duration_seconds(text, "--sustain") == seconds
