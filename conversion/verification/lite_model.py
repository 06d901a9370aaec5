"""A converted file in memory, run in a chosen interpreter with a chosen set of kernels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.interpreter import TensorInfo
from edge_runtime.network.runtimes import Kernels, Runtime, runtime_version
from training.network.model import network_input

LITERT = "ai-edge-litert"
WARM_UP_RUNS, TIMED_ROUNDS = 3, 40


@dataclass(frozen=True)
class RuntimeChoice:
    """An interpreter by its distribution, as in `pip install`, and its kernels."""

    runtime: str = LITERT
    kernels: Kernels = "default"

    @property
    def version(self) -> str:
        """Of the installed distribution."""
        return runtime_version(self.runtime) or "not installed"


class LiteModel:
    """A flatbuffer, loaded and ready. Raises InterpreterMissingError, ModelFileError."""

    def __init__(
        self, content: bytes, choice: RuntimeChoice | None = None, keep_tensors: bool = False
    ) -> None:
        choice = choice or RuntimeChoice()
        with stderr_of_libraries_closed():
            runtime = Runtime.named(choice.runtime)
            self.interpreter = runtime.load(
                content, kernels=choice.kernels, keep_tensors=keep_tensors
            )
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

    def run(self, crops: Uint8Image) -> list[FloatArray]:
        """Landmarks (C, N, 3) of RGB crops (C, S, S, 3), then other outputs (C, n), by size."""
        found: list[list[FloatArray]] = [[] for _ in self.outputs]
        for crop in crops:
            self.invoke(crop)
            for output, values in zip(self.outputs, found):
                stored = self.interpreter.get_tensor(output.index)
                values.append(output.dequantize(stored).reshape(-1))
        landmarks, *others = (np.stack(values) for values in found)
        return [landmarks.reshape(len(crops), -1, 3), *others]

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
