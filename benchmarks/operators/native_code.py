"""The analyser's estimate for this x86 processor, where it can be held against measured times."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.errors import BenchmarkError
from benchmarks.machine_code.analyser import X86_64, Analyser, ScheduledCore, estimate_cycles
from benchmarks.machine_code.arm_code import BlockCounts, blocks_of_processes
from benchmarks.model_file import ModelFile
from benchmarks.operators.cut_models import write_slices
from benchmarks.operators.operator_times import THIS_MACHINE
from benchmarks.operators.operators import OperatorCosts, read_operators
from benchmarks.timing.engine import Engine, EngineOptions
from benchmarks.tool import build_library
from edge_runtime.network.bundled_model import processor_flags

SOURCE = Path(__file__).with_name("native_blocks.c")
# LLVM's newest table whose instructions the processor has. Each of them takes in six at most.
TABLES = (
    ("amx_int8", "sapphirerapids"), ("avx512_vnni", "icelake-server"),
    ("avx512f", "skylake-avx512"), ("avx2", "haswell"),
)  # fmt: skip
# AMD's Zen 5 alone has both. Its pipes are as wide as its registers and LLVM 19 has no such table:
# what it calls znver5 is Zen 4, of half the width, and estimates twice what is measured.
ZEN_5 = {"sse4a", "avx512_vp2intersect"}
DECODED = 6
# Less is spent in LiteRT and Python than in the operator, so that what is around it is no matter.
LEAST_MACS = 100_000
ESTIMATED = "us (estimate)"


@dataclass(frozen=True)
class NativeCode:
    """This processor, and a library that stops this process after each instruction."""

    library: ctypes.CDLL

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[NativeCode]:
        """Build the library for as long as it is needed. Raises BenchmarkError."""
        if platform.machine() != "x86_64":
            raise BenchmarkError(f"{platform.machine()}: only x86-64 code is looked at like this.")
        with TemporaryDirectory() as scratch:
            library = ctypes.CDLL(str(build_library(SOURCE, Path(scratch))))
            library.clock_ghz.restype = ctypes.c_double
            yield cls(library)

    def clock_ghz(self) -> float:
        """Of the core that this runs on, at its fastest within some milliseconds."""
        return float(self.library.clock_ghz())

    def count_blocks(self, call: Callable[[], object]) -> BlockCounts:
        """Blocks of one call. Raises BenchmarkError when they cannot be written."""
        self.library.start_counting()
        call()
        self.library.stop_counting()
        with TemporaryDirectory() as scratch:
            path = Path(scratch) / "blocks.txt"
            if self.library.write_blocks(str(path).encode()):
                raise BenchmarkError(f"{path}: cannot be written. Make room on the disk.")
            (blocks,), _ = blocks_of_processes(path.read_text())
        return blocks


def estimate_here(
    model: ModelFile, native: NativeCode, analyser: Analyser, instruction_set: str = ""
) -> OperatorCosts:
    """Microseconds of each large operator by LLVM's estimate, at the clock that was measured.

    Each is a model of its own, as in `time_operators`; those of few multiplications are left out as
    None. instruction_set: of the process. Raises BenchmarkError and DeviceError.
    """
    operators = read_operators(model, instruction_set).operators
    core = ScheduledCore(X86_64, _table(), DECODED, is_in_order=False)
    clock_ghz = native.clock_ghz()
    options = EngineOptions(instruction_set=instruction_set)
    values = list[float | None]()
    with TemporaryDirectory() as scratch:
        for path, operator in zip(write_slices(model, Path(scratch)), operators):
            if path is None or operator.macs < LEAST_MACS:
                values.append(None)
                continue
            engine = Engine(path, options)
            engine.check()
            blocks = native.count_blocks(engine.invoke)
            cycles = estimate_cycles(blocks, analyser.cycles(blocks, core))
            values.append(cycles / clock_ghz / 1e3)
    where = f"{THIS_MACHINE} by LLVM's {core.cpu}, {clock_ghz:.2f} GHz"
    if has_no_table():
        where += ", too slow: LLVM has no table of Zen 5"
    return OperatorCosts(where, ESTIMATED, tuple(values), sum(filter(None, values)))


def has_no_table() -> bool:
    """Whether LLVM knows no core like this processor's, and estimates high."""
    return processor_flags() >= ZEN_5


def _table() -> str:
    flags = processor_flags()
    return next((cpu for flag, cpu in TABLES if flag in flags), "x86-64")
