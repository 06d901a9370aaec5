"""Estimates for ARM cores beside what devices took."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.device import this_device
from benchmarks.machine_code.arm_code import ArmInstructions
from benchmarks.machine_code.arm_time import ArmTime
from benchmarks.operators.arm_count import ArmCount, ArmRecord
from benchmarks.report.arm_table import arm_table


@pytest.fixture
def record():
    """Estimates that are 4 ms at 1.5 GHz on the A72, and none on the A76."""
    counted = ArmInstructions(10_000_000, 0, 4_000_000, 0)
    times = (ArmTime("Pi 4B", 1.5, 3.0, 4.0), ArmTime("Pi 4B", 1.8, 2.5, 4.0 / 1.2))
    slow = ArmCount("main_int8", "cortex-a72", 40_000_000, 10**6, counted, 0.25, None, times)
    fast = replace(slow, core="cortex-a76", times=(ArmTime("Pi 5", 2.4, 1.0, None),))
    return ArmRecord("litert 2", "LLVM 19", (slow, fast))


def cells(table, word):
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("|") and word in line
    ]


def test_an_estimate_is_marked_and_never_stands_as_measured(record):
    table = arm_table(record, [])
    assert table.startswith("ARM: estimate, not measured on hardware")
    rows = cells(table, "main_int8")
    assert [row[2:] for row in rows] == [
        ["Pi 4B", "1.5", "3.00", "≈ 4.00", "–", "–"],
        ["Pi 4B", "1.8", "2.50", "≈ 3.33", "–", "–"],
        ["Pi 5", "2.4", "1.00", "–", "–", "–"],
    ]


def test_a_device_with_the_core_stands_beside_its_estimate(record, report):
    board = replace(report.device, name="Mine", arm_cores=("cortex-a72",), max_mhz=2000.0)
    taken_ms = next(run for run in report.latency if run.model == "main_int8").latency.median_ms
    table = arm_table(record, [replace(report, device=board, android=())])
    (row,) = cells(table, "Mine")
    # At 2 GHz the 4 ms at 1.5 GHz are 3, and the bound of 3 is 2.25.
    assert row[1:6] == ["cortex-a72", "Mine", "2", "2.25", "≈ 3.00"]
    assert row[7] == f"{taken_ms / 3:.2f} x" and row[6].strip("*") == f"{taken_ms:.3g}"
    assert len(cells(table, "main_int8")) == 4


def test_a_phone_counts_by_its_large_cores(record, report):
    phone = replace(report.device, name="Phone", arm_cores=("cortex-a55", "cortex-a76"))
    table = arm_table(record, [replace(report, device=replace(phone, max_mhz=2400.0))])
    (row,) = cells(table, "Phone")
    assert row[1] == "cortex-a76" and row[5] == row[7] == "–" and row[6].startswith("**")
    silent = replace(report, device=replace(phone, max_mhz=None), android=())
    assert not cells(arm_table(record, [silent]), "Phone")


def test_cores_are_told_by_the_system(tmp_path):
    (tmp_path / "proc").mkdir()
    parts = ("0xd05", "0xd05", "0xd0b", "0xfff")
    text = "".join(f"processor\t: 1\nCPU part\t: {part}\n\n" for part in parts)
    (tmp_path / "proc/cpuinfo").write_text(text)
    assert this_device(root=tmp_path).arm_cores == ("cortex-a55", "cortex-a76")


def test_merge_adds_the_table(record, report, tmp_path):
    report.write_json(tmp_path / "board.json")
    record.write(tmp_path / "arm.json")
    words = ["report", "merge", str(tmp_path / "board.json"), "--arm", str(tmp_path / "arm.json")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0 and "≈ 4.00" in done.output and "Board <4>" in done.output
    board = str(tmp_path / "board.json")
    done = CliRunner().invoke(app, ["report", "merge", board, "--arm", board])
    assert "face520-bench arm --json" in str(done.exception)
