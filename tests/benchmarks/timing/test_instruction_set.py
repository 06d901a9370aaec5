"""An x86 processor of which LiteRT sees less."""

import ctypes
import json
import platform
import shutil
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.errors import BenchmarkError
from benchmarks.model_file import ModelFile
from benchmarks.timing import instruction_set
from benchmarks.timing.engine import Engine, EngineOptions
from benchmarks.timing.instruction_set import INSTRUCTION_SETS, choose_instruction_set

can_hide = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64") or not shutil.which("gcc"),
    reason="no x86-64 Linux, or no gcc",
)
MAIN = ModelFile.find("main_int8")
# What a library finds that asks the processor itself, in a process that hides something from it.
ASKS = """
#include <cpuid.h>
int has_avx512(void) { unsigned a, b, c, d; __cpuid_count(7, 0, a, b, c, d); return b >> 16 & 1; }
int has_avx2(void) { unsigned a, b, c, d; __cpuid_count(7, 0, a, b, c, d); return b >> 5 & 1; }
int has_vnni(void) { unsigned a, b, c, d; __cpuid_count(7, 0, a, b, c, d); return c >> 11 & 1; }
int has_avx(void) { unsigned a, b, c, d; __cpuid_count(1, 0, a, b, c, d); return c >> 28 & 1; }
"""
QUESTIONS = ("avx", "avx2", "avx512", "vnni")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asks")
    (folder / "asks.c").write_text(ASKS)
    command = ["gcc", "-shared", "-fPIC", "-o", folder / "asks.so", folder / "asks.c"]
    subprocess.run(command, check=True)
    return folder / "asks.so"


@can_hide
@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("sse4", (0, 0, 0, 0)),
        ("avx", (1, 0, 0, 0)),
        ("avx2", (1, 1, 0, 0)),
        ("avx512", (1, 1, 1, 0)),
        ("avx-vnni", (1, 1, 0, 0)),
        ("avx512-vnni", (1, 1, 1, 1)),
    ],
)
def test_a_library_sees_what_is_left(library, name, seen):
    code = (
        "import ctypes, json\n"
        "from benchmarks.timing.instruction_set import asked_first, choose_instruction_set\n"
        f"choose_instruction_set({name!r})\n"
        f"asks = ctypes.CDLL({str(library)!r})\n"
        "with asked_first('asks'):\n"
        f"    print(json.dumps([getattr(asks, 'has_' + one)() for one in {QUESTIONS!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    here = ctypes.CDLL(str(library))
    present = [getattr(here, f"has_{one}")() for one in QUESTIONS]
    assert json.loads(done.stdout) == [a & b for a, b in zip(seen, present)]


@can_hide
def test_a_fault_ends_the_process_as_before():
    code = (
        "import ctypes\n"
        "from benchmarks.timing.instruction_set import choose_instruction_set\n"
        "choose_instruction_set('avx2')\n"
        "ctypes.string_at(0)\n"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -11


@can_hide
def test_code_beside_what_is_watched_does_what_it_did(tmp_path):
    """Pages of the interpreter hold more than its questions, and are free again afterwards."""
    code = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from benchmarks.timing.engine import Engine, EngineOptions\n"
        "engine = Engine(Path(sys.argv[1]), EngineOptions(instruction_set=sys.argv[2]))\n"
        "engine.invoke()\n"
        "outputs = engine.interpreter.get_output_details()\n"
        "np.savez(sys.argv[3], *(engine.interpreter.get_tensor(o['index']) for o in outputs))\n"
        "maps = Path('/proc/self/maps').read_text()\n"
        "print(sum('litert' in one and 'r-xp' in one for one in maps.splitlines()))\n"
    )
    found, mapped = [], []
    for name in ("", "avx2"):
        target = tmp_path / f"{name}.npz"
        command = [sys.executable, "-c", code, str(MAIN.path), name, str(target)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        mapped.append(done.stdout)
        with np.load(target) as outputs:
            found.append([outputs[one] for one in outputs.files])
    assert mapped[0] == mapped[1]
    for wanted, one in zip(*found):
        # Kernels may round to the next of 256 levels.
        assert np.abs(one - wanted).mean() < 0.05 * max(wanted.std(), 0.1)


@can_hide
def test_latency_says_what_it_was_given(tmp_path):
    """In a process of its own: the first interpreter of a process decides."""
    command = ["latency", "main_int8", "--instruction-set", "avx2", "--count", "3"]
    target = tmp_path / "latency.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *command, "--seconds", "0.05", "--json", str(target)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "avx2 alone" in done.stderr
    report = json.loads(target.read_text())
    assert report["device"]["processor"].endswith(", avx2 alone")
    assert report["latency"][0]["cold"]["load_ms"] > 0


def test_one_process_runs_with_one_set(blazeface, monkeypatch):
    monkeypatch.setattr(instruction_set, "_chosen", None)
    Engine(blazeface.path, EngineOptions())
    with pytest.raises(BenchmarkError, match=r"with all instructions already.*--processes"):
        Engine(blazeface.path, EngineOptions(instruction_set="avx2"))


def test_unknown_set_and_other_machines(monkeypatch):
    monkeypatch.setattr(instruction_set, "_chosen", None)
    with pytest.raises(BenchmarkError, match=f"mmx: no such.*{', '.join(INSTRUCTION_SETS)}"):
        choose_instruction_set("mmx")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(BenchmarkError, match="x86-64 Linux alone"):
        choose_instruction_set("avx2")


def test_whole_frames_do_not_take_it():
    result = CliRunner().invoke(app, ["compare", "--pipeline", "--instruction-set", "avx2"])
    assert result.exit_code == 2 and "takes none of" in result.output
