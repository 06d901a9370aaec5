import pytest

from benchmarks.machine_code.analyser import Analyser, estimate_cycles, hot_blocks
from benchmarks.machine_code.arm_code import Block

BLOCKS = [Block(address, (b"\0\0\0\0",) * 10) for address in range(3)]


def test_hot_blocks_hold_nearly_all_instructions():
    often, seldom, never = BLOCKS
    assert hot_blocks({seldom: 50, often: 940, never: 10}) == [often, seldom]
    assert hot_blocks({}) == []


def test_what_is_not_simulated_takes_as_long_per_instruction():
    often, seldom, never = BLOCKS
    blocks = {often: 80, seldom: 20}
    assert estimate_cycles(blocks, {often: 5.0}) == pytest.approx(500)
    assert estimate_cycles(blocks, {often: 5.0, seldom: 20.0}) == pytest.approx(800)
    assert estimate_cycles({never: 3}, {often: 5.0}) == 0


def test_there_may_be_no_analyser(tmp_path):
    assert Analyser.find(tmp_path) is None
