"""Any .tflite model in any installed interpreter, fed with made-up inputs of the right type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from benchmarks.timing.instruction_set import asked_first, choose_instruction_set, is_watched
from edge_runtime.errors import InputShapeError, ModelFileError
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.runtimes import Kernels, Runtime, first_line, installed_runtimes

INPUT_SEED = 520


@dataclass(frozen=True)
class EngineOptions:
    """How a model is run. runtime: one of RUNTIMES, or "" for the first installed.

    input_shape: for a model that leaves it open; empty for the model's own. instruction_set: one of
    INSTRUCTION_SETS, beyond which the processor is hidden; "" for what the process has chosen.
    """

    runtime: str = ""
    threads: int = 1
    xnnpack: bool = True
    input_shape: tuple[int, ...] = ()
    instruction_set: str = ""

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> EngineOptions:
        """What `asdict` gave, through JSON."""
        return cls(**{**stored, "input_shape": tuple(stored["input_shape"])})

    def __str__(self) -> str:
        plural = "" if self.threads == 1 else "s"
        plain = "" if self.xnnpack else ", no XNNPACK"
        limited = f", {self.instruction_set} alone" if self.instruction_set else ""
        return f"{self.runtime}, {self.threads} thread{plural}{plain}{limited}{self._shape(', ')}"

    def named(self, model: str) -> str:
        """The model's name in tables, with the shape that it was given."""
        return f"{model}{self._shape(' ')}"

    def _shape(self, before: str) -> str:
        return before + "x".join(map(str, self.input_shape)) if self.input_shape else ""


class Engine:
    """One model, loaded and ready; `invoke` runs it once.

    Raises InterpreterMissingError, and BenchmarkError when the interpreter cannot run the file.
    """

    def __init__(self, model_path: Path, options: EngineOptions | None = None) -> None:
        options = options or EngineOptions()
        if options.threads < 1:
            raise BenchmarkError(f"{options.threads} threads: give 1 or more.")
        self.model_path = model_path
        self.options = replace(
            options,
            runtime=options.runtime or installed_runtimes()[0],
            instruction_set=choose_instruction_set(options.instruction_set),
        )
        kernels: Kernels = "default" if options.xnnpack else "builtin"
        try:
            with stderr_of_libraries_closed():
                runtime = Runtime.named(self.options.runtime)
                asks = is_watched(self.options.runtime)
                with asked_first(self.options.runtime):
                    self.interpreter = runtime.load(
                        model_path, options.threads, kernels, input_shape=options.input_shape
                    )
                    if asks and not options.xnnpack:
                        self.interpreter.invoke()  # these kernels ask when they run
            rng = np.random.default_rng(INPUT_SEED)
            for details in self.interpreter.get_input_details():
                self.interpreter.set_tensor(details["index"], _made_up(details, rng))
        except InputShapeError as error:
            raise BenchmarkError(
                f"{model_path}: {error} Set it by --shape, such as --shape 1x224x224x3, of "
                "`face520-bench latency`, `compare`, `operators`, `arm` or `instructions`."
            ) from error
        except ModelFileError as error:
            raise BenchmarkError(
                f"{model_path}: {error} Try another --runtime, or convert the model again."
            ) from error
        # The interpreter's own bound method: a wrapper of ours would be part of each sample.
        self.invoke: Callable[[], None] = self.interpreter.invoke

    def check(self) -> None:
        """Run once and raise BenchmarkError if that fails, so that no later loop has to catch."""
        try:
            self.invoke()
        except (ValueError, RuntimeError) as error:
            raise BenchmarkError(
                f"{self.model_path}: fails while it runs in {self.options.runtime} "
                f"({first_line(error)}). Try another --runtime, or convert the model again."
            ) from error


def _made_up(details: dict[str, Any], rng: np.random.Generator) -> NDArray[Any]:
    """Values for an input tensor: 0 to 1 in float, all levels in 8 bits, zeros for the rest.

    Zeros would let kernels that skip denormals or sparsity look faster than they are.
    """
    shape, dtype = tuple(details["shape"]), np.dtype(details["dtype"])
    if dtype.kind == "f":
        return rng.random(shape).astype(dtype)
    if dtype.kind in "iu" and dtype.itemsize == 1:
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    if dtype.kind in "iub":
        return np.zeros(shape, dtype)
    raise ModelFileError(f"input {details['name']} holds {dtype}, which has no made-up value.")
