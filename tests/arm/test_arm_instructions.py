"""Instructions of a released model on emulated cores; runs on the host, started by run.sh alone."""

import os
import platform
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.arm_cores import ARM_CORES
from benchmarks.machine_code.analyser import Analyser, hot_blocks
from benchmarks.machine_code.arm_code import ArmInstructions, Block
from benchmarks.machine_code.arm_time import scheduled, times_on_boards
from benchmarks.model_file import ModelFile
from benchmarks.operators.arm_count import baseline_key
from benchmarks.operators.arm_emulation import ArmEmulation
from benchmarks.operators.cut_models import write_prefixes, write_slices
from benchmarks.operators.instruction_count import InstructionCount, read_baseline
from benchmarks.operators.native_code import LEAST_MACS, NativeCode, estimate_here, has_no_table
from benchmarks.operators.operator_counts import attribute
from benchmarks.operators.operator_times import time_operators
from benchmarks.operators.operators import read_operators

FOLDER = os.environ.get("FACE520_ARM_MACHINE", "")
CORES = {core.name: core for core in ARM_CORES}

pytestmark = pytest.mark.skipif(not FOLDER, reason="started by tests/arm/run.sh alone")


@pytest.fixture(scope="module")
def emulation():
    with ArmEmulation.start(Path(FOLDER)) as started:
        yield started


@pytest.fixture(scope="module")
def model():
    return ModelFile.find("small_int8")


@pytest.fixture(scope="module")
def blocks(emulation, model):
    """Of one inference, by core."""
    return cache(lambda core: emulation.count_blocks([model.path], core)[0])


def test_the_dot_product_is_used_where_a_core_has_it(emulation, model, blocks):
    macs = read_operators(model).macs
    found = ArmInstructions.of(blocks(CORES["cortex-a76"]))
    # A dot product makes 16 products; depthwise convolutions are made of other instructions.
    assert 0.5 * macs < 16 * found.dot_products < 1.5 * macs
    assert macs / 16 < found.executed < macs
    assert found.fused < 1000
    known = read_baseline()[baseline_key("cortex-a76", emulation.runtime)]["small_int8"]
    assert InstructionCount("small_int8", found.executed, known).is_within, (
        f"{found.executed} instructions, baseline {known}; "
        "if it is meant: face520-bench arm --update"
    )


def test_without_it_other_kernels_run(model, blocks):
    macs = read_operators(model).macs
    found = ArmInstructions.of(blocks(CORES["cortex-a72"]))
    assert found.dot_products == 0
    assert macs / 16 < found.widening < macs / 4
    assert macs / 8 < found.executed < 2 * macs


def test_a_first_a55_without_dot_product_is_told_from_a_later_one(blocks):
    first = replace(CORES["cortex-a55"], variant=0)
    assert ArmInstructions.of(blocks(first)).dot_products == 0
    assert ArmInstructions.of(blocks(CORES["cortex-a55"])).dot_products > 0


def test_llvm_estimates_the_time_on_boards(blocks):
    analyser = Analyser.find(Path(FOLDER))
    assert analyser is not None and analyser.version != "LLVM unknown"
    times = {}
    for core in (CORES["cortex-a72"], CORES["cortex-a55"]):
        counted = blocks(core)
        known = analyser.cycles(counted, scheduled(core))
        assert list(known) == hot_blocks(counted) and any(block.is_loop for block in known)
        for time in times_on_boards(counted, core, analyser):
            assert time.bound_ms <= time.estimate_ms < 5 * time.bound_ms
            times[time.board, time.clock_ghz] = time.estimate_ms
    slow, fast = times["Raspberry Pi 4B", 1.5], times["Raspberry Pi 4B", 1.8]
    assert slow == pytest.approx(1.2 * fast)


def test_an_address_that_a_load_moves_on_does_not_wait_for_the_load():
    load, jump_back = bytes.fromhex("648440fc"), bytes.fromhex("81ffff54")
    loop = Block(0, (load,) * 4 + (jump_back,))  # ldr d4, [x3], #8; b.ne #-16
    assert loop.is_loop
    cycles = Analyser.find(Path(FOLDER)).cycles({loop: 1}, scheduled(CORES["cortex-a72"]))
    # One load a cycle; with LLVM's own tables each waits five for the one before.
    assert 4 <= cycles[loop] < 8


def test_padding_is_a_part_of_the_convolution_after_it(emulation, model, tmp_path):
    types = [operator.type for operator in read_operators(model).operators]
    at = next(i for i, pair in enumerate(pairwise(types)) if pair == ("PAD", "DEPTHWISE_CONV_2D"))
    # Cut before the padding, after it, and after the convolution.
    cuts = write_prefixes(model, tmp_path)[at : at + 3]
    counted = emulation.count_blocks(cuts, CORES["cortex-a72"])
    pad, convolution = attribute(counted)
    assert pad is None
    before, padded, convolved = (ArmInstructions.of(one) for one in counted)
    assert padded.executed > before.executed and padded.widening == before.widening
    assert ArmInstructions.of(convolution).executed == convolved.executed - before.executed
    assert ArmInstructions.of(convolution).widening > 0


@pytest.mark.skipif(platform.machine() != "x86_64", reason="steps through x86-64 code")
def test_the_estimate_holds_where_it_can_be_measured(model, tmp_path):
    analyser = Analyser.find(Path(FOLDER))
    operators = read_operators(model).operators
    # The first large depthwise convolution, alone: no other operator is looked at.
    chosen = next(one for one in operators if one.stage == "depthwise" and one.macs > LEAST_MACS)
    alone = ModelFile("alone", write_slices(model, tmp_path)[chosen.index])
    with NativeCode.start() as native:
        estimate = estimate_here(alone, native, analyser).whole
    measured = time_operators(alone, 0.5).whole
    most = 2.4 if has_no_table() else 1.2
    assert estimate < most * measured and measured < 5 * estimate
