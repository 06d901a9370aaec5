import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app as cli
from benchmarks.devices import adb_connection
from benchmarks.devices.adb_app import AdbApp
from benchmarks.devices.adb_device import AdbDevice
from benchmarks.errors import DeviceError, ReportFileError
from benchmarks.full_measurement import Plan
from benchmarks.operators.benchmark_model_output import parse_benchmark_model
from benchmarks.report.record import Report

OUTPUT = Path(__file__).parents[1] / "stand_ins" / "benchmark_model.txt"
QUICK = Plan(threads=(1,), sustain_seconds=0, compare_seconds=0.1, quick=True, device_name="Far Pi")


def test_a_device_needs_no_package_for_reports():
    """Every module but the studies imports where the runtime's dependencies alone are installed."""
    code = (
        "import sys\n"
        "for name in ('pydantic', 'jinja2', 'markupsafe', 'matplotlib', 'scipy', 'tensorflow',\n"
        "             'training', 'conversion'):\n"
        "    sys.modules[name] = None\n"
        "from importlib import import_module\n"
        "from pkgutil import walk_packages\n"
        "import benchmarks\n"
        "for module in walk_packages(benchmarks.__path__, 'benchmarks.'):\n"
        "    if not module.name.endswith('__main__') and '.studies.' not in module.name:\n"
        "        import_module(module.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def binary(tmp_path):
    path = tmp_path / "benchmark_model"
    path.write_bytes(b"\x7fELF")
    return path


def test_measures_over_adb_and_cleans_up(stand_in, binary, blazeface):
    log = stand_in("adb")
    report = AdbDevice(binary).measure([blazeface], threads=(1, 4))
    device = report.device
    assert (device.name, device.processor, device.cores) == ("Maker Phone 8", "SM8350", 8)
    assert device.system == "Android 14" and device.governors == ("schedutil",)
    assert [run.threads for run in report.android] == [1, 4]
    first = report.android[0]
    assert first.run.mean_ms == 2.11825 and first.before.mhz == 2400
    # Zones that report -40 or 999 degrees have no sensor behind them.
    assert first.after.celsius == 44.2
    commands = log.read_text().splitlines()
    assert commands[-1] == "-s PHONE1 shell rm -rf /data/local/tmp/face520"
    assert sum("--graph" in line for line in commands) == 2


@pytest.mark.parametrize(
    ("fails", "says"),
    [
        ("none", "no device.*USB debugging"),
        ("unauthorized", "PHONE1 is unauthorized.*dialog on the phone"),
        ("offline", "PHONE1 is offline"),
        ("two", "several devices.*--serial.*PHONE1, PHONE2"),
        ("full", "No space left on device.*Free some space"),
        ("lost", "not found.*phone went away"),
        ("wrong_binary", "not executable"),
        ("stopped", "stopped before its end"),
    ],
)
def test_failures_over_adb_say_what_to_do(stand_in, binary, blazeface, fails, says):
    log = stand_in("adb", fails)
    with pytest.raises(DeviceError, match=says):
        AdbDevice(binary).measure([blazeface], threads=(1,))
    commands = log.read_text()
    assert "mkdir" not in commands or "rm -rf" in commands


def test_an_adb_that_does_not_answer(tmp_path, monkeypatch):
    adb = tmp_path / "adb"
    adb.write_text("#!/bin/sh\nexec sleep 60\n")
    adb.chmod(0o755)
    monkeypatch.setattr(adb_connection, "ASK_SECONDS", 0.2)
    with pytest.raises(DeviceError, match=r"no end after .* adb kill-server"):
        adb_connection.AdbConnection.ready(adb=str(adb))
    phone = adb_connection.AdbConnection("PHONE1", str(adb))
    with pytest.raises(DeviceError, match=r"^adb: PHONE1: no end after .* Check the connection"):
        phone.run(["push", "model"], 0.2)


def test_serial_chooses_a_phone(stand_in, binary, blazeface):
    log = stand_in("adb", "two")
    AdbDevice(binary, "PHONE2").measure([blazeface], threads=(1,))
    assert "-s PHONE2 push" in log.read_text()
    with pytest.raises(DeviceError, match=r"no device PHONE9"):
        AdbDevice(binary, "PHONE9").measure([blazeface])


def test_binary_must_exist(tmp_path, blazeface):
    with pytest.raises(DeviceError, match=r"benchmark_model for this phone"):
        AdbDevice(tmp_path / "absent").measure([blazeface])


@pytest.fixture
def app(tmp_path, monkeypatch, report):
    """The demo app on the stand-in phone, which leaves the made-up report."""
    report.write_json(tmp_path / "app.json")
    monkeypatch.setenv("STAND_IN_REPORT", str(tmp_path / "app.json"))
    apk = tmp_path / "demo.apk"
    apk.write_bytes(b"PK")
    return AdbApp(apk, poll_seconds=0.01)


def test_the_app_measures_each_model_with_each_thread_count(stand_in, app, report):
    log = stand_in("adb", "obeys")
    found = app.measure(["face520_main_int8.tflite"], threads=(1, 4), sustain_seconds=7)
    assert len(found.latency) == 2 * len(report.latency)
    assert found.sustained == replace(report.sustained, threads=4)
    commands = log.read_text().splitlines()
    starts = [line for line in commands if "am start" in line]
    assert [line.split("--ei threads ")[1].split()[0] for line in starts] == ["1", "4"]
    assert all("face520_main_int8.tflite" in line and "seconds 7" in line for line in starts)
    assert commands[-1] == "-s PHONE1 uninstall org.face520.demo"


def test_threads_that_the_phone_ignores_make_no_second_row(stand_in, app, report):
    stand_in("adb")
    said = []
    found = app.measure(["face520_main_int8.tflite"], threads=(1, 4), on_step=said.append)
    assert len(found.latency) == len(report.latency)
    assert said[-1].endswith("4 threads were asked for and not run: left out")


def test_an_app_that_was_there_stays(stand_in, app):
    log = stand_in("adb", "installed")
    app.measure(["face520_main_int8.tflite"], threads=(1,))
    assert "uninstall" not in log.read_text() and "force-stop" in log.read_text()


@pytest.mark.parametrize(
    ("fails", "says"),
    [
        ("none", "no device.*USB debugging"),
        ("full", "INSUFFICIENT_STORAGE.*Free some space"),
        ("no_activity", "did not start.*does not exist.*Unlock"),
        ("lost_app", "not found.*phone went away"),
        ("refused", "cannot run face520_odd.tflite: face520_odd.tflite is not in this app"),
        ("silent", "no result.*screen on"),
    ],
)
def test_failures_of_the_app_say_what_to_do(stand_in, app, monkeypatch, fails, says):
    log = stand_in("adb", fails)
    monkeypatch.setattr("benchmarks.devices.adb_app.OTHER_SECONDS", 0.3)
    with pytest.raises(DeviceError, match=says):
        app.measure(["face520_odd.tflite"], threads=(1,), sustain_seconds=0)
    commands = log.read_text()
    assert "install -r" not in commands or "uninstall" in commands


def test_half_a_result_of_the_app_is_not_taken_for_one(stand_in, app):
    stand_in("adb", "cut")
    with pytest.raises(ReportFileError, match=r"PHONE1:.*benchmark.json: not JSON"):
        app.measure(["face520_main_int8.tflite"], threads=(1,))


def test_the_command_writes_what_the_app_measured(stand_in, app, tmp_path, report):
    stand_in("adb")
    target = tmp_path / "phone.json"
    options = ["--adb", "--app", str(app.apk), "--model", "main_int8", "--threads", "1"]
    done = CliRunner().invoke(
        cli, ["report", *options, "--json", str(target), "--html", str(tmp_path / "phone.html")]
    )
    assert done.exit_code == 0, done.output
    assert Report.read(target).latency == report.latency
    assert "<svg" in (tmp_path / "phone.html").read_text()


@pytest.mark.parametrize("models", [["mediapipe"], ["main_int8", "mediapipe"]])
def test_models_that_the_app_does_not_hold_are_refused_by_name(stand_in, app, tmp_path, models):
    log = stand_in("adb")
    options = ["--adb", "--app", str(app.apk), "--json", str(tmp_path / "phone.json")]
    for model in models:
        options += ["--model", model]
    result = CliRunner().invoke(cli, ["report", *options])
    assert result.exit_code == 2
    assert "mediapipe: the app holds" in result.output
    assert not log.read_text()


def test_the_apk_must_exist(tmp_path):
    with pytest.raises(DeviceError, match="make android"):
        AdbApp(tmp_path / "none.apk").measure(["face520_main_int8.tflite"])


def test_output_of_benchmark_model():
    run = parse_benchmark_model(OUTPUT.read_text())
    assert (run.count, run.min_ms, run.mean_ms, run.max_ms) == (1412, 2.058, 2.11825, 2.93)
    assert (run.init_ms, run.first_ms, run.median_ms, run.p95_ms) == (9.214, 4.12, 2.109, 2.193)
    assert (run.init_mb, run.overall_mb) == (3.5, 6.125)
    assert [node.type for node in run.node_times] == [
        "Convolution (NHWC, QC8) IGEMM",
        "Convolution (NHWC, QC8) DWConv",
        "Fully Connected (NC, QS8, QC8W) GEMM",
    ]
    assert sum(node.share for node in run.node_times) == pytest.approx(1)


def test_older_output_has_no_percentiles():
    text = OUTPUT.read_text().replace(" p5=2069 median=2109 p95=2193", "")
    run = parse_benchmark_model(text.split("INFO: Profiling")[0])
    assert run.median_ms is None and run.p95_ms is None and run.node_times == ()
