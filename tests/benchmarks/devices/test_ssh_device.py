"""Measuring over ssh: against a real sshd, and a stand-in for what that cannot be brought to do."""

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.devices.ssh_device import SshDevice
from benchmarks.errors import DeviceError, ReportFileError
from benchmarks.full_measurement import Plan

QUICK = Plan(threads=(1,), sustain_seconds=0, compare_seconds=0.1, quick=True, device_name="Far Pi")
MODEL = replace(QUICK, models=("main_int8",))


@pytest.fixture
def patient_python(tmp_path):
    """A Python on the device that measures for a minute; returns it and where its number lies."""
    script, number = tmp_path / "python", tmp_path / "number"
    script.write_text(
        f"#!/bin/sh\necho $$ > {number}.part && mv {number}.part {number}\nexec sleep 60\n"
    )
    script.chmod(0o755)
    return script, number


@pytest.fixture
def failing(tmp_path):
    """Runs a measurement in a thread of its own; returns a list that will hold its error."""

    def run(device: SshDevice, plan: Plan = MODEL) -> tuple[Thread, list[Exception]]:
        errors: list[Exception] = []

        def measure() -> None:
            try:
                device.measure(plan)
            except DeviceError as error:
                errors.append(error)

        thread = Thread(target=measure, daemon=True)
        thread.start()
        return thread, errors

    return run


def is_running(number: Path) -> bool:
    return Path("/proc", number.read_text().strip()).exists()


@pytest.mark.slow
def test_measures_with_what_was_copied(far_side):
    steps = []
    report = SshDevice("board", sys.executable).measure(MODEL, steps.append)
    assert report.device.name == "Far Pi"
    assert {run.model for run in report.latency} == {"main_int8"}
    assert report.pipeline and report.operators
    assert [step.split(": ")[1].split(" ")[0] for step in steps] == [
        "connecting", "copying", "measuring",
    ]  # fmt: skip
    assert not far_side.left


def test_a_key_that_is_refused(far_side):
    far_side.use_key(far_side.new_key("other_key"))
    with pytest.raises(DeviceError, match=r"Permission denied \(publickey\).*ssh-copy-id board"):
        SshDevice("board").measure(MODEL)
    far_side.use_key(far_side.folder / "user_key")
    assert not far_side.left


def test_a_host_whose_key_has_changed(far_side):
    right = far_side.known_hosts.read_text()
    name = right.split()[0]
    other = Path(f"{far_side.new_key('other_host')}.pub").read_text()
    far_side.known_hosts.write_text(f"{name} {other}")
    with pytest.raises(DeviceError, match=r"another machine answers there.*ssh-keygen -R board"):
        SshDevice("board").measure(MODEL)
    far_side.known_hosts.write_text(right)
    assert not far_side.left


def test_a_host_that_nobody_has_met(far_side):
    far_side.known_hosts.write_text("")
    with pytest.raises(DeviceError, match=r"Host key verification failed.*by hand: ssh board"):
        SshDevice("board").measure(MODEL)


def test_a_host_without_a_name_and_one_without_a_server(far_side):
    with pytest.raises(DeviceError, match=r"Could not resolve.*Check the name"):
        SshDevice("board.invalid").measure(MODEL)
    far_side.cable.close()
    with pytest.raises(DeviceError, match=r"Connection refused.*no ssh server answers"):
        SshDevice("board").measure(MODEL)


def test_a_disk_that_is_full(full_far_side):
    with pytest.raises(DeviceError, match=r"board:.*the device is full. Free some 50 MB"):
        SshDevice("board").measure(MODEL)
    assert not full_far_side.left


def test_a_python_that_is_absent(far_side):
    with pytest.raises(DeviceError, match=r"no-such-python.*not found.*--remote-python"):
        SshDevice("board", "no-such-python").measure(MODEL)
    assert not far_side.left


def test_a_connection_that_is_cut_while_files_are_copied(far_side):
    far_side.cable.cut_after_bytes = 400_000
    with pytest.raises(DeviceError, match=r"board: the connection broke off.*try again"):
        SshDevice("board").measure(MODEL)
    assert far_side.cable.cut_after_bytes is None, "it was cut"
    assert not far_side.left


def test_a_connection_that_is_cut_while_it_measures(far_side, patient_python, failing, wait_for):
    script, number = patient_python
    thread, errors = failing(SshDevice("board", str(script)))
    wait_for(number.exists)
    far_side.cable.cut()
    thread.join(40)
    assert "the connection broke off" in str(errors[0])
    assert not far_side.left, errors[0]
    assert not is_running(number), "what measured there has been ended"


def test_a_device_that_goes_away_for_good(far_side, patient_python, failing, wait_for):
    script, number = patient_python
    thread, errors = failing(SshDevice("board", str(script)))
    wait_for(number.exists)
    far_side.cable.is_gone = True
    far_side.cable.cut()
    thread.join(40)
    far_side.cable.is_gone = False
    (left,) = far_side.left
    assert f"Remove it: ssh board rm -rf {far_side.temporary}/{left}" in str(errors[0])
    signal_to(number, signal.SIGTERM)


def test_two_at_once(far_side, patient_python, failing, wait_for):
    script, number = patient_python
    thread, errors = failing(SshDevice("board", str(script)))
    wait_for(number.exists)
    (first,) = far_side.left
    with pytest.raises(DeviceError, match=r"board: somebody measures there already"):
        SshDevice("board", str(script)).measure(MODEL)
    assert far_side.left == [first], "the first one's files stay"
    signal_to(number, signal.SIGTERM)
    thread.join(40)
    assert "failed there" in str(errors[0])
    assert not far_side.left


def signal_to(number: Path, what: signal.Signals) -> None:
    os.kill(int(number.read_text()), what)
    while is_running(number):
        time.sleep(0.05)


# What a real sshd cannot be brought to do.


def folders_left(log):
    """Folders of the device that were made and not removed."""
    words = {word.strip("\"';") for line in log.read_text().splitlines() for word in line.split()}
    made = {word for word in words if word.startswith("/tmp/face520-") and word.count("/") == 2}
    return {folder for folder in made if Path(folder).exists()}


def test_start_up_files_that_print(stand_in):
    stand_in("ssh", "noisy")
    with pytest.raises(DeviceError, match="start-up files silent"):
        SshDevice("pi@board").measure(QUICK)


def test_a_package_that_is_absent_there(stand_in):
    log = stand_in("ssh", "no_package")
    with pytest.raises(DeviceError, match=r"No module named numpy.*pip install"):
        SshDevice("pi@board").measure(QUICK)
    assert not folders_left(log), "the device is left as it was"


def test_half_a_report_is_not_taken_for_one(stand_in):
    log = stand_in("ssh", "cut")
    with pytest.raises(ReportFileError, match=r"pi@board:.*report.json: not JSON"):
        SshDevice("pi@board").measure(QUICK)
    assert not folders_left(log)


def test_host_cannot_smuggle_in_an_option():
    with pytest.raises(DeviceError, match=r"not a host"):
        SshDevice("-oProxyCommand=touch x").measure(QUICK)


def test_ssh_itself_absent(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match=r"ssh: not installed"):
        SshDevice("pi@board").measure(QUICK)
