import json
import shutil

import pytest

from benchmarks.errors import BenchmarkError, ReportFileError
from benchmarks.operators.instruction_count import (
    InstructionCount,
    count_instructions,
    platform_key,
    read_baseline,
    write_baseline,
)
from benchmarks.operators.operators import read_operators


@pytest.mark.parametrize(
    ("now", "then", "within"),
    [(101, 100, True), (98, 100, True), (103, 100, False), (9, None, False)],
)
def test_tolerance_is_two_percent(now, then, within):
    assert InstructionCount("m", now, then).is_within is within


def test_baseline_keeps_other_platforms(tmp_path):
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps({"riscv64, x 1": {"main_int8": 7}}))
    write_baseline({"main_int8": 5}, path)
    assert read_baseline(path) == {
        "riscv64, x 1": {"main_int8": 7},
        platform_key(): {"main_int8": 5},
    }


def test_what_is_no_baseline_is_named(tmp_path):
    path = tmp_path / "baseline.json"
    assert read_baseline(path) == {}
    path.write_text("[1]")
    with pytest.raises(ReportFileError, match=r"baseline.json: not a baseline"):
        read_baseline(path)


def test_without_valgrind_the_remedy_is_told(blazeface):
    with pytest.raises(BenchmarkError, match=r"apt-get install valgrind"):
        count_instructions(blazeface, "no-such-valgrind")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed")
def test_released_model_costs_what_its_baseline_says(main_int8):
    counted = count_instructions(main_int8)
    # A vector instruction makes 32 products at most; the rest of the code adds its own.
    macs = read_operators(main_int8).macs
    assert macs / 64 < counted < macs * 10
    baseline = read_baseline()
    assert baseline, "the baseline is a file of this repository"
    if platform_key() not in baseline:
        pytest.skip(f"no baseline for {platform_key()}")
    known = baseline[platform_key()]
    assert InstructionCount("main_int8", counted, known["main_int8"]).is_within, (
        f"{counted} instructions, baseline {known['main_int8']}; if it is meant: "
        "face520-bench instructions --update"
    )
