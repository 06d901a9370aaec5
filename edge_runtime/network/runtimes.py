"""The TFLite interpreters that may be installed, and the one way to load a model into any."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from edge_runtime.errors import InputShapeError, InterpreterMissingError, ModelFileError

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
        input_shape: Sequence[int] = (),
    ) -> Any:
        """An `Interpreter` of a flatbuffer or a file, its tensors allocated.

        keep_tensors: the values of inner tensors can be read after a run. input_shape: for an input
        that leaves its shape open. Raises ModelFileError, and of that InputShapeError, whose
        messages name neither the file nor a remedy: those are the caller's.
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
            _set_input_shape(interpreter, tuple(input_shape))
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError, OSError, TypeError) as error:
            raise ModelFileError(
                f"{self.name} cannot load this model ({first_line(error)})."
            ) from error
        return interpreter


def _set_input_shape(interpreter: Any, shape: tuple[int, ...]) -> None:
    """Give inputs of open shape one; a batch that is left open alone is 1."""
    signatures = {
        details["index"]: (details["name"], tuple(map(int, details["shape_signature"])))
        for details in interpreter.get_input_details()
    }
    is_open = {index: -1 in signature for index, (_, signature) in signatures.items()}
    for index, (name, signature) in signatures.items():
        if not shape:
            if -1 in signature[1:]:
                raise InputShapeError(f"its input {name} leaves its shape open ({_x(signature)}).")
            continue
        if any(is_open.values()) and not is_open[index]:
            continue
        if len(shape) != len(signature) or any(s not in (-1, n) for s, n in zip(signature, shape)):
            raise InputShapeError(f"its input {name} takes {_x(signature)}, not {_x(shape)}.")
        if is_open[index]:
            interpreter.resize_tensor_input(index, shape)


def _x(shape: Sequence[int]) -> str:
    return "x".join("?" if length < 0 else str(length) for length in shape)


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
