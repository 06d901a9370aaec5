"""Any .tflite model in any installed interpreter, fed with made-up inputs of the right type."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import BenchmarkError
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.interpreter import RUNTIMES

# Distribution, as in `pip install`, to the module with the Interpreter class.
MODULES = {distribution: module for module, distribution in RUNTIMES}
INPUT_SEED = 520


@dataclass(frozen=True)
class EngineOptions:
    """How a model is run. runtime: a distribution of MODULES, or "" for the first installed."""

    runtime: str = ""
    threads: int = 1
    xnnpack: bool = True

    def __str__(self) -> str:
        plural = "" if self.threads == 1 else "s"
        plain = "" if self.xnnpack else ", no XNNPACK"
        return f"{self.runtime}, {self.threads} thread{plural}{plain}"


class Engine:
    """One model, loaded and ready; `invoke` runs it once.

    Raises BenchmarkError when the interpreter is not installed or cannot run the file.
    """

    def __init__(self, model_path: Path, options: EngineOptions | None = None) -> None:
        options = options or EngineOptions()
        if options.threads < 1:
            raise BenchmarkError(f"{options.threads} threads: give 1 or more.")
        self.model_path = model_path
        self.options = EngineOptions(
            options.runtime or installed_runtimes()[0], options.threads, options.xnnpack
        )
        interpreter_class, resolvers = _load(self.options.runtime)
        arguments: dict[str, Any] = {"num_threads": options.threads}
        if not options.xnnpack:
            arguments["experimental_op_resolver_type"] = resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        try:
            with stderr_of_libraries_closed():
                self.interpreter = interpreter_class(model_path=str(model_path), **arguments)
                self.interpreter.allocate_tensors()
            rng = np.random.default_rng(INPUT_SEED)
            for details in self.interpreter.get_input_details():
                self.interpreter.set_tensor(details["index"], _made_up(details, rng))
        except (ValueError, RuntimeError, OSError, TypeError) as error:
            raise BenchmarkError(
                f"{model_path}: {self.options.runtime} cannot load this model ({_first(error)}). "
                "Try another --runtime, or convert the model again."
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
                f"({_first(error)}). Try another --runtime, or convert the model again."
            ) from error

    def record(self) -> dict[str, Any]:
        """Options as plain values."""
        return asdict(self.options)


def installed_runtimes() -> list[str]:
    """Distributions of RUNTIMES that are installed, in that order.

    Raises BenchmarkError when there is none.
    """
    found = [name for name, module in MODULES.items() if find_spec(module.split(".")[0])]
    if not found:
        raise BenchmarkError(
            "No TensorFlow Lite interpreter is installed. Run: pip install ai-edge-litert"
        )
    return found


def runtime_version(distribution: str) -> str:
    """Version of an installed interpreter; "unknown" where pip did not install it."""
    for name in (distribution, f"{distribution}-cpu"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "unknown"


def _load(runtime: str) -> tuple[Any, Any]:
    """Interpreter class and OpResolverType of a distribution."""
    if runtime not in MODULES:
        raise BenchmarkError(f"{runtime}: no such runtime. Choose one of {', '.join(MODULES)}.")
    try:
        with stderr_of_libraries_closed():
            module = importlib.import_module(MODULES[runtime])
            if runtime == "tensorflow":
                # The module of that name is TensorFlow's source folder; the API is an attribute.
                module = importlib.import_module("tensorflow").lite
        resolvers = getattr(module, "OpResolverType", None)
        return module.Interpreter, resolvers or module.experimental.OpResolverType
    # A runtime built for numpy 1 fails under numpy 2 with either of these.
    except (ImportError, AttributeError) as error:
        raise BenchmarkError(
            f"{runtime}: not installed, or it cannot be imported ({_first(error)}). "
            f"Run: pip install {runtime}"
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
    raise ValueError(f"input {details['name']} holds {dtype}, which has no made-up value")


def _first(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:160] or type(error).__name__
