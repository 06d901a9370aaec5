import io
import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from benchmarks.arm_cores import ARM_CORES
from benchmarks.cli import app
from benchmarks.commands import arm, console
from benchmarks.errors import BenchmarkError, DeviceError, ReportFileError
from benchmarks.machine_code.arm_code import (
    BLOCK,
    END,
    ArmInstructions,
    Block,
    blocks_of_processes,
)
from benchmarks.machine_code.arm_time import bound_cycles
from benchmarks.model_file import MEDIAPIPE, ModelFile
from benchmarks.operators import arm_emulation
from benchmarks.operators.arm_count import (
    ArmRecord,
    baseline_key,
    count_on_cores,
    past_tolerance,
)
from benchmarks.operators.arm_emulation import ArmEmulation
from benchmarks.operators.operators import read_operators
from edge_runtime.detection.blazeface import BLAZEFACE_PATH

WITH_DOT_PRODUCT = "cortex-a76"


@pytest.fixture
def models(blazeface, main_int8):
    """Two files; the first stands for MediaPipe's."""
    return [ModelFile(MEDIAPIPE, blazeface.path), main_int8]


# As llvm-mc encodes them.
NOP, SDOT, SMLAL, FMLA = "d503201f", "4e829420", "0e628020", "4e22cc20"
FMLA_64, LDR_Q, LD1 = "0e22cc20", "3cc10401", "0cdf7001"
STR_Q, STP, SUBS = "3d800001", "a9000440", "f1000400"
B_NE_TO_ITSELF = "54ffffe1"


def block(*words: str, address: int = 0) -> Block:
    return Block(address, tuple(bytes.fromhex(word)[::-1] for word in words))


def made_up(model: Path, core):
    """An int8 file costs a quarter where there is a dot product."""
    if "int8" not in model.name:
        return {block(FMLA): 9_000_000, block(NOP): 11_000_000}
    if core.instruction_set == WITH_DOT_PRODUCT:
        return {block(SDOT): 1_000_000, block(FMLA, SMLAL, NOP, NOP): 1_000_000}
    return {block(SMLAL, NOP, NOP, NOP): 5_000_000}


def test_instructions_are_told_by_their_encoding():
    words = (NOP, SDOT, SMLAL, FMLA, FMLA_64, LDR_Q, LD1, STR_Q, STP, SUBS)
    found = ArmInstructions.of({block(*words): 3, block(NOP): 2})
    assert found == ArmInstructions(
        executed=32, dot_products=3, widening=3, fused=6, vectors=12, half_vectors=3, loads=6,
        stores=6,
    )  # fmt: skip


def test_a_loop_is_a_block_that_jumps_to_its_own_start():
    assert block(NOP, B_NE_TO_ITSELF).is_loop
    assert not block(NOP, NOP, B_NE_TO_ITSELF).is_loop and not block(NOP).is_loop


def test_what_the_plugin_prints_is_read_process_by_process():
    printed = (
        f"INFO: made\nblock 40 3 {NOP},{SDOT}\nend of blocks\n"
        f"block 40 5 {NOP},{SDOT}\nblock 48 1 {SUBS}\nend of blocks\n"
    )
    (first, second), others = blocks_of_processes(printed)
    assert others == ["INFO: made"]
    (one,) = first
    assert one.address == 0x40 and len(one.code) == 2
    assert first[one] == 3 and second[one] == 5 and len(second) == 2


def test_the_bound_is_what_keeps_the_core_busy_longest():
    cores = {core.name: core for core in ARM_CORES}
    counted = ArmInstructions.of({block(SMLAL, NOP, NOP): 1000})
    # Three instructions a cycle on the A72, of which one multiplies; two on the A53.
    assert bound_cycles(counted, cores["cortex-a72"]) == 1000
    assert bound_cycles(counted, cores["cortex-a53"]) == 1500
    # Two vectors of 64 bits go where one of 128 goes.
    halves = ArmInstructions.of({block(FMLA_64): 1000})
    assert bound_cycles(halves, cores["cortex-a55"]) == 500
    assert bound_cycles(ArmInstructions.of({block(LDR_Q): 1000}), cores["cortex-a76"]) == 500


def test_every_core_and_clock_has_a_source():
    assert all(len(core.source) > 40 and core.boards for core in ARM_CORES)
    assert all(len(board.source) > 10 for core in ARM_CORES for board in core.boards)


def test_the_ratio_is_to_mediapipe_on_the_same_core(models):
    found = {(one.model, one.core): one for one in count_on_cores(models, ARM_CORES, made_up)}
    assert len(found) == 2 * len(ARM_CORES)
    ratios = {core: one.to_mediapipe for (name, core), one in found.items() if name != MEDIAPIPE}
    assert ratios == {"cortex-a53": 1, "cortex-a72": 1, "cortex-a55": 0.25, "cortex-a76": 0.25}
    one = found["main_int8", "cortex-a72"]
    assert one.macs == read_operators(models[1]).macs
    assert one.instructions_per_mac == pytest.approx(20e6 / one.macs)
    assert one.size_bytes == models[1].path.stat().st_size
    assert one.instructions.multiplies_by == "SMLAL"
    assert found["main_int8", "cortex-a76"].instructions.multiplies_by == "SDOT"
    assert found[MEDIAPIPE, "cortex-a76"].instructions.multiplies_by == "FMLA"


def test_without_mediapipe_there_is_no_ratio(main_int8):
    assert [one.to_mediapipe for one in count_on_cores([main_int8], ARM_CORES[:1], made_up)] == [
        None
    ]


def test_a_change_of_three_percent_is_named_with_its_core(main_int8):
    counts = count_on_cores([main_int8], ARM_CORES, made_up)
    baseline = {
        baseline_key("cortex-a72", "litert 1"): {"main_int8": 19_400_000},
        baseline_key("cortex-a76", "litert 1"): {"main_int8": 5_090_000},
        baseline_key("cortex-a53", "litert 0"): {"main_int8": 1},
    }
    assert past_tolerance(counts, "litert 1", baseline) == ("main_int8 on cortex-a72: +3.09%",)


def test_the_baseline_keeps_other_cores_and_only_released_models(tmp_path, monkeypatch, main_int8):
    class MadeUp:
        runtime = "litert 1"

        @staticmethod
        def count_blocks(models, core):
            return [made_up(model, core) for model in models]

    monkeypatch.setattr(arm.ArmEmulation, "start", lambda folder: nullcontext(MadeUp))
    path = tmp_path / "baseline.json"
    other = {"riscv64, x 1": {"main_int8": 7}}
    path.write_text(json.dumps(other))
    words = ["arm", "main_int8", str(BLAZEFACE_PATH), "--core", "cortex-a72"]
    words += ["--baseline", str(path), "--machine", str(tmp_path)]
    assert CliRunner().invoke(app, [*words, "--update"]).exit_code == 0
    key = baseline_key("cortex-a72", "litert 1")
    assert json.loads(path.read_text()) == {**other, key: {"main_int8": 20_000_000}}
    record = tmp_path / "counts.json"
    done = CliRunner().invoke(app, [*words, "--json", str(record)])
    assert done.exit_code == 0 and "not measured on hardware" in done.output
    found = ArmRecord.read(record)
    assert "not measured on hardware" in found.label and len(found.counts) == 2
    for time in found.counts[0].times:
        assert time.estimate_ms is None and "not measured on hardware" in time.label
        # Twenty million instructions, of which five million multiply: three a cycle.
        assert time.bound_ms == pytest.approx(20 / 3 / time.clock_ghz)
    path.write_text(json.dumps({key: {"main_int8": 30_000_000}}))
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1 and "main_int8 on cortex-a72: -33.33%" in done.output


def test_the_table_fits_eighty_columns(models, monkeypatch):
    screen = io.StringIO()
    narrow = Console(file=screen, width=80, force_terminal=True, color_system=None)
    monkeypatch.setattr(console, "out", narrow)
    named = [models[0], ModelFile("main_float16", models[1].path)]
    counts = count_on_cores(named, ARM_CORES, made_up)
    arm.print_counts(counts)
    arm.print_times(counts)
    lines = screen.getvalue().splitlines()
    boards = sum(len(core.boards) for core in ARM_CORES)
    assert len(lines) == 1 + 2 * len(ARM_CORES) + 1 + 2 * boards
    assert all(len(line) <= 80 for line in lines) and "…" not in screen.getvalue()


def test_another_file_is_no_record(tmp_path):
    (tmp_path / "other.json").write_text("{}")
    for name in ("other.json", "absent.json"):
        with pytest.raises(ReportFileError, match=name):
            ArmRecord.read(tmp_path / name)


def test_without_the_machine_the_remedy_is_told(tmp_path):
    with (
        pytest.raises(BenchmarkError, match=r"bash tests/arm/prepare.sh"),
        ArmEmulation.start(tmp_path),
    ):
        pass


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A machine whose qemu is the given lines of sh, and waits for half a second."""

    def made(lines: str) -> ArmEmulation:
        qemu = tmp_path / arm_emulation.QEMU
        qemu.parent.mkdir(parents=True)
        qemu.write_text(f"#!/bin/sh\necho >> {tmp_path}/calls\n{lines}\n")
        qemu.chmod(0o755)
        (tmp_path / "qemu/usr/lib/any-linux-gnu").mkdir(parents=True)
        monkeypatch.setattr(arm_emulation, "QEMU_SECONDS", 0.5)
        monkeypatch.setattr(arm_emulation, "QEMU_SECONDS_A_MODEL", 0)
        return ArmEmulation(tmp_path, Path("plugin.so"))

    return made


def test_a_slow_emulation_is_told_by_model_and_core(tmp_path, stand_in, main_int8):
    says = (
        r"^face520_main_int8.tflite on an emulated cortex-a53: no end after 0.5 s, 2 times. .*"
        r"busy, or slow: run it again while nothing else runs\.$"
    )
    # The fork keeps qemu's outputs open, and does not outlive it.
    with pytest.raises(DeviceError, match=says):
        stand_in(f"sleep 60 & echo $! > {tmp_path}/fork; wait").count_blocks(
            [main_int8.path], ARM_CORES[0]
        )
    fork = Path("/proc", (tmp_path / "fork").read_text().strip(), "status")
    assert not fork.exists() or "zombie" in fork.read_text()


def test_a_fork_that_waits_for_ever_is_run_once_more(tmp_path, stand_in, main_int8):
    blocks = f"{BLOCK}0x10 1 1f2003d5\\n{END}\\n{BLOCK}0x10 3 1f2003d5\\n{END}\\n"
    machine = stand_in(f'[ $(wc -l < {tmp_path}/calls) = 1 ] && sleep 60\nprintf "{blocks}" >&2')
    (counted,) = machine.count_blocks([main_int8.path], ARM_CORES[0])
    assert list(counted.values()) == [2]
    assert (tmp_path / "calls").read_text() == "\n\n"


def test_an_unknown_core_is_named(main_int8):
    done = CliRunner().invoke(app, ["arm", str(main_int8.path), "--core", "cortex-m4"])
    assert done.exit_code == 2 and "cortex-m4" in done.output and "cortex-a72" in done.output
