"""The TFLite interpreters that may be installed, and the one way to load a model into any."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from edge_runtime.errors import InterpreterMissingError, ModelFileError

# Distribution, as in `pip install`, to the module with the Interpreter class. LiteRT first: it
# alone runs int8 models through XNNPACK, 5 to 15 times faster on x86 than tflite-runtime 2.14.
RUNTIMES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
    "tensorflow": "tensorflow.lite.python.interpreter",
}
# "default": what the interpreter takes by itself, XNNPACK where it can. "builtin": TFLite's own
# optimised kernels. "reference": the plain ones that define what an operator means.
Kernels = Literal["default", "builtin", "reference"]
RESOLVERS: dict[Kernels, str] = {
    "default": "AUTO",
    "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    "reference": "BUILTIN_REF",
}


@dataclass(frozen=True)
class Runtime:
    """An interpreter that has been imported; name is that of its distribution."""

    name: str
    module: Any

    @classmethod
    def named(cls, name: str) -> Runtime:
        """One of RUNTIMES. Raises InterpreterMissingError where it cannot be imported."""
        if name not in RUNTIMES:
            raise InterpreterMissingError(
                f"{name}: no such runtime. Choose one of {', '.join(RUNTIMES)}."
            )
        try:
            module = importlib.import_module(RUNTIMES[name])
            module.Interpreter, module.OpResolverType  # noqa: B018 - half-imported modules lack them
        # A runtime built for numpy 1 fails under numpy 2 with either of these.
        except (ImportError, AttributeError) as error:
            raise InterpreterMissingError(
                f"{name}: not installed, or it cannot be imported ({first_line(error)}). "
                f"Run: pip install {name}"
            ) from error
        return cls(name, module)

    @classmethod
    def first(cls) -> Runtime:
        """The first of RUNTIMES that imports. Raises InterpreterMissingError."""
        for name in RUNTIMES:
            try:
                return cls.named(name)
            except InterpreterMissingError:
                continue
        raise _none_installed()

    def load(
        self,
        model: bytes | Path,
        num_threads: int = 1,
        kernels: Kernels = "default",
        keep_tensors: bool = False,
    ) -> Any:
        """An `Interpreter` of a flatbuffer or a file, its tensors allocated.

        keep_tensors: the values of inner tensors can be read after a run. Raises ModelFileError,
        whose message names neither the file nor a remedy: those are the caller's.
        """
        arguments: dict[str, Any] = {"num_threads": num_threads}
        if isinstance(model, bytes):
            arguments["model_content"] = model
        else:
            arguments["model_path"] = str(model)
        if kernels != "default":
            resolver = getattr(self.module.OpResolverType, RESOLVERS[kernels])
            arguments["experimental_op_resolver_type"] = resolver
        if keep_tensors:
            arguments["experimental_preserve_all_tensors"] = True
        try:
            interpreter = self.module.Interpreter(**arguments)
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError, OSError, TypeError) as error:
            raise ModelFileError(
                f"{self.name} cannot load this model ({first_line(error)})."
            ) from error
        return interpreter


def installed_runtimes() -> list[str]:
    """Those of RUNTIMES that are installed, in that order, found without importing them.

    Raises InterpreterMissingError when there is none.
    """
    found = [name for name, module in RUNTIMES.items() if find_spec(module.split(".")[0])]
    if not found:
        raise _none_installed()
    return found


def runtime_version(name: str) -> str | None:
    """Version of an installed interpreter; None where pip did not install it."""
    for distribution in (name, f"{name}-cpu"):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return None


def first_line(error: BaseException) -> str:
    """What an interpreter's error says, short enough for one of ours."""
    return str(error).strip().split("\n")[0][:160] or type(error).__name__


def _none_installed() -> InterpreterMissingError:
    return InterpreterMissingError(
        "No TensorFlow Lite interpreter is installed. Run: pip install ai-edge-litert"
    )
