"""Blocks of x86 code, counted by stopping after each instruction."""

import platform
import shutil

import pytest

from benchmarks.machine_code.arm_code import Block
from benchmarks.operators.native_code import NativeCode

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or not shutil.which("gcc"), reason="needs x86-64 and gcc"
)


@pytest.fixture(scope="module")
def native():
    with NativeCode.start() as started:
        yield started


def instructions(blocks):
    return sum(len(block.code) * times for block, times in blocks.items())


def test_a_longer_call_runs_more_instructions_of_the_same_blocks(native):
    short = native.count_blocks(lambda: sum(range(300)))
    long = native.count_blocks(lambda: sum(range(600)))
    # Python adds small numbers in some ten to a hundred instructions each.
    assert 300 * 5 < instructions(long) - instructions(short) < 300 * 500
    hottest = max(long, key=lambda block: long[block] * len(block.code))
    assert 295 < long[hottest] < 1300
    assert all(1 <= len(code) <= 15 for block in long for code in block.code)


def test_the_clock_is_one_of_a_processor(native):
    assert 0.2 < native.clock_ghz() < 7


def test_loops_of_x86_are_told():
    add, back_short = b"\x48\x83\xc0\x01", b"\x75\xfa"
    assert Block(0, (add, back_short)).is_loop
    assert not Block(0, (add, add, back_short)).is_loop
    assert Block(0, (add, b"\x0f\x85\xf6\xff\xff\xff")).is_loop
    assert not Block(0, (add, b"\xeb\xfa")).is_loop
