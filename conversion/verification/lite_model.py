"""A converted file in memory, run in a chosen interpreter with a chosen set of kernels."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter_ns
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from conversion.converter import ConversionError
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.interpreter import RUNTIMES, TensorInfo
from training.network.model import network_input

# "default": what the interpreter takes by itself, XNNPACK where it can. "builtin": TFLite's own
# optimised kernels. "reference": the plain ones that define what an operator means.
Kernels = Literal["default", "builtin", "reference"]
RESOLVERS: dict[Kernels, str] = {
    "default": "AUTO",
    "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    "reference": "BUILTIN_REF",
}
MODULES = {distribution: module for module, distribution in RUNTIMES}
LITERT = "ai-edge-litert"
WARM_UP_RUNS, TIMED_ROUNDS = 3, 40


class RuntimeLoadError(ConversionError):
    """An interpreter is not installed, or does not take the file."""


@dataclass(frozen=True)
class RuntimeChoice:
    """An interpreter by its distribution, as in `pip install`, and its kernels."""

    runtime: str = LITERT
    kernels: Kernels = "default"

    @property
    def version(self) -> str:
        """Of the installed distribution."""
        try:
            return version(self.runtime)
        except PackageNotFoundError:
            return "not installed"


class LiteModel:
    """A flatbuffer, loaded and ready. Raises RuntimeLoadError."""

    def __init__(
        self, content: bytes, choice: RuntimeChoice | None = None, keep_tensors: bool = False
    ) -> None:
        choice = choice or RuntimeChoice()
        try:
            with stderr_of_libraries_closed():
                module = importlib.import_module(MODULES[choice.runtime])
                resolver = getattr(module.OpResolverType, RESOLVERS[choice.kernels])
                self.interpreter = module.Interpreter(
                    model_content=content,
                    num_threads=1,
                    experimental_op_resolver_type=resolver,
                    experimental_preserve_all_tensors=keep_tensors,
                )
                self.interpreter.allocate_tensors()
        # A runtime built for numpy 1 fails under numpy 2 with AttributeError.
        except (ImportError, AttributeError, ValueError, RuntimeError) as error:
            reason = str(error).strip().split("\n")[0] or type(error).__name__
            raise RuntimeLoadError(f"{choice.runtime} {choice.version}: {reason}") from error
        self.input = TensorInfo.from_details(self.interpreter.get_input_details()[0])
        outputs = [TensorInfo.from_details(d) for d in self.interpreter.get_output_details()]
        # By size, since converters rename outputs.
        self.outputs = sorted(outputs, key=lambda output: -int(np.prod(output.shape)))

    def invoke(self, crop: Uint8Image) -> None:
        """Run on one RGB crop (S, S, 3)."""
        self.interpreter.set_tensor(
            self.input.index, self.input.quantize(network_input(crop[None]))
        )
        self.interpreter.invoke()

    def run(self, crops: Uint8Image) -> tuple[FloatArray, FloatArray | None]:
        """Network outputs (C, N, 3), and presence (C,) if any, of RGB crops (C, S, S, 3)."""
        landmarks, presence = [], []
        for crop in crops:
            self.invoke(crop)
            values = [o.dequantize(self.interpreter.get_tensor(o.index)) for o in self.outputs]
            landmarks.append(values[0].reshape(-1, 3))
            presence += [float(value.reshape(())) for value in values[1:]]
        return np.stack(landmarks), np.array(presence, np.float32) if presence else None

    def tensor(self, index: int) -> NDArray[Any]:
        """Real values of a tensor of the last run; keep_tensors must have been asked for."""
        details = self.interpreter._get_tensor_details(index, 0)
        return TensorInfo.from_details(details).dequantize(self.interpreter.get_tensor(index))


def median_ms(files: Mapping[str, bytes], crop: Uint8Image) -> dict[str, float]:
    """Median time of one inference of each flatbuffer: LiteRT, one thread, the files in turn.

    Taken in turn, so that a busy moment of the machine meets all of them. `face520-bench` measures
    with more care.
    """
    models = {name: LiteModel(flatbuffer) for name, flatbuffer in files.items()}
    for model in models.values():
        for _ in range(WARM_UP_RUNS):
            model.invoke(crop)
    times_ns: dict[str, list[int]] = {name: [] for name in models}
    for _ in range(TIMED_ROUNDS):
        for name, model in models.items():
            start = perf_counter_ns()
            model.interpreter.invoke()
            times_ns[name].append(perf_counter_ns() - start)
    return {name: float(np.median(times)) / 1e6 for name, times in times_ns.items()}
