import io
import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.commands import arm, console
from benchmarks.errors import BenchmarkError
from benchmarks.model_file import MEDIAPIPE, ModelFile
from benchmarks.operators.arm_count import baseline_key, count_on_cores, past_tolerance
from benchmarks.operators.arm_emulation import ARM_CORES, ArmEmulation, ArmInstructions
from benchmarks.operators.operators import read_operators
from edge_runtime.detection.blazeface import BLAZEFACE_PATH

WITH_DOT_PRODUCT = "cortex-a76"


@pytest.fixture
def models(blazeface, main_int8):
    """Two files; the first stands for MediaPipe's."""
    return [ModelFile(MEDIAPIPE, blazeface.path), main_int8]


def made_up(model: Path, core) -> ArmInstructions:
    """An int8 file costs a quarter where there is a dot product."""
    if "int8" not in model.name:
        return ArmInstructions(20_000_000, 0, 0, 9_000_000)
    if core.instruction_set == WITH_DOT_PRODUCT:
        return ArmInstructions(5_000_000, 1_000_000, 9, 9)
    return ArmInstructions(20_000_000, 0, 5_000_000, 9)


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
        count = staticmethod(made_up)

    monkeypatch.setattr(arm.ArmEmulation, "start", lambda folder: nullcontext(MadeUp))
    path = tmp_path / "baseline.json"
    other = {"riscv64, x 1": {"main_int8": 7}}
    path.write_text(json.dumps(other))
    words = ["arm", "main_int8", str(BLAZEFACE_PATH), "--core", "cortex-a72"]
    words += ["--baseline", str(path)]
    assert CliRunner().invoke(app, [*words, "--update"]).exit_code == 0
    key = baseline_key("cortex-a72", "litert 1")
    assert json.loads(path.read_text()) == {**other, key: {"main_int8": 20_000_000}}
    record = tmp_path / "counts.json"
    done = CliRunner().invoke(app, [*words, "--json", str(record)])
    assert done.exit_code == 0 and "not measured on hardware" in done.output
    found = json.loads(record.read_text())
    assert "not measured on hardware" in found["label"] and len(found["counts"]) == 2
    path.write_text(json.dumps({key: {"main_int8": 30_000_000}}))
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1 and "main_int8 on cortex-a72: -33.33%" in done.output


def test_the_table_fits_eighty_columns(models, monkeypatch):
    screen = io.StringIO()
    narrow = Console(file=screen, width=80, force_terminal=True, color_system=None)
    monkeypatch.setattr(console, "out", narrow)
    named = [models[0], ModelFile("main_float16", models[1].path)]
    arm.print_counts(count_on_cores(named, ARM_CORES, made_up))
    lines = screen.getvalue().splitlines()
    assert len(lines) == 1 + 2 * len(ARM_CORES)
    assert all(len(line) <= 80 for line in lines) and "…" not in screen.getvalue()


def test_without_the_machine_the_remedy_is_told(tmp_path):
    with (
        pytest.raises(BenchmarkError, match=r"bash tests/arm/prepare.sh"),
        ArmEmulation.start(tmp_path),
    ):
        pass


def test_an_unknown_core_is_named(main_int8):
    done = CliRunner().invoke(app, ["arm", str(main_int8.path), "--core", "cortex-m4"])
    assert done.exit_code == 2 and "cortex-m4" in done.output and "cortex-a72" in done.output
