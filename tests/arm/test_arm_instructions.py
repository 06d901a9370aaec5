"""Instructions of a released model on emulated cores; runs on the host, started by run.sh alone."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.model_file import ModelFile
from benchmarks.operators.arm_count import baseline_key
from benchmarks.operators.arm_emulation import ARM_CORES, ArmEmulation
from benchmarks.operators.instruction_count import InstructionCount, read_baseline
from benchmarks.operators.operators import read_operators

FOLDER = os.environ.get("FACE520_ARM_MACHINE", "")
CORES = {core.name: core for core in ARM_CORES}

pytestmark = pytest.mark.skipif(not FOLDER, reason="started by tests/arm/run.sh alone")


@pytest.fixture(scope="module")
def emulation():
    with ArmEmulation.start(Path(FOLDER)) as started:
        yield started


def test_the_dot_product_is_used_where_a_core_has_it(emulation):
    model = ModelFile.find("small_int8")
    macs = read_operators(model).macs
    found = emulation.count(model.path, CORES["cortex-a76"])
    # A dot product makes 16 products; depthwise convolutions are made of other instructions.
    assert 0.5 * macs < 16 * found.dot_products < 1.5 * macs
    assert macs / 16 < found.executed < macs
    assert found.fused < 1000
    known = read_baseline()[baseline_key("cortex-a76", emulation.runtime)]["small_int8"]
    assert InstructionCount("small_int8", found.executed, known).is_within, (
        f"{found.executed} instructions, baseline {known}; "
        "if it is meant: face520-bench arm --update"
    )


def test_without_it_other_kernels_run(emulation):
    model = ModelFile.find("small_int8")
    macs = read_operators(model).macs
    found = emulation.count(model.path, CORES["cortex-a72"])
    assert found.dot_products == 0
    assert macs / 16 < found.widening < macs / 4
    assert macs / 8 < found.executed < 2 * macs


def test_a_first_a55_without_dot_product_is_told_from_a_later_one(emulation):
    model = ModelFile.find("small_int8")
    first = replace(CORES["cortex-a55"], variant=0)
    assert emulation.count(model.path, first).dot_products == 0
    assert emulation.count(model.path, CORES["cortex-a55"]).dot_products > 0
