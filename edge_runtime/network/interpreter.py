"""One TensorFlow Lite model in whichever interpreter is installed: image in, float arrays out."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.errors import ModelFileError
from edge_runtime.network.contract import read_model
from edge_runtime.network.runtimes import Runtime
from edge_runtime.timings import ms_since


def default_num_threads() -> int:
    """All cores up to four: the models are too small to gain from more."""
    return min(4, os.cpu_count() or 1)


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of a model; scale is 0 for a tensor that is not quantized."""

    name: str
    index: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    scale: float
    zero_point: int

    @classmethod
    def from_details(cls, details: dict[str, Any]) -> TensorInfo:
        """From an entry of get_input_details() or get_output_details()."""
        scale, zero_point = details["quantization"]
        shape = tuple(int(length) for length in details["shape"])
        dtype = np.dtype(details["dtype"])
        return cls(details["name"], details["index"], shape, dtype, float(scale), int(zero_point))

    def quantize(self, values: FloatArray) -> NDArray[Any]:
        """Real values to what the tensor holds; a plain cast where it is not quantized."""
        if self.scale == 0:
            return np.asarray(values, self.dtype)
        limits = np.iinfo(self.dtype)
        levels = np.round(values / self.scale) + self.zero_point
        return np.asarray(np.clip(levels, limits.min, limits.max), self.dtype)

    def dequantize(self, stored: NDArray[Any]) -> FloatArray:
        """What the tensor holds to real values; the inverse of `quantize`."""
        if self.scale == 0:
            return np.asarray(stored, np.float32)
        return np.asarray((stored.astype(np.float32) - self.zero_point) * self.scale, np.float32)


@dataclass(frozen=True, eq=False)
class NetworkRun:
    """One run of a network: what went in and came out, and how long each step took.

    model: its file. image (S, S, 3) uint8 and outputs, float32, belong to the landmarker: copy what
    is to be kept. quantize_ms: pixels to the input tensor. dequantize_ms: output tensors to floats.
    """

    model: Path
    image: Uint8Image
    outputs: list[FloatArray]
    quantize_ms: float
    invoke_ms: float
    dequantize_ms: float


OnRun = Callable[[NetworkRun], None]


class Interpreter:
    """Runs a model whose only input is an image (1, S, S, 3); float and int8 tensors alike.

    input_mean, input_std: the network sees (value - input_mean) / input_std of uint8 pixels.
    content: of the file, where it has been read already. on_run is called with each run.

    Raises ModelFileError for a file that is no such model, InterpreterMissingError when no
    interpreter is installed.
    """

    def __init__(
        self,
        model_path: Path,
        num_threads: int = 1,
        input_mean: float = 127.5,
        input_std: float = 127.5,
        content: bytes | None = None,
        on_run: OnRun | None = None,
    ) -> None:
        self.model_path = model_path
        # From memory: a file that is mapped and then replaced would end the process.
        content = read_model(model_path) if content is None else content
        runtime = Runtime.first()
        self.runtime = runtime.name
        try:
            self._interpreter = runtime.load(content, max(1, num_threads))
        except ModelFileError as error:
            raise ModelFileError(
                f"{model_path}: {error} "
                "The file may be damaged: copy it again, or convert the model again."
            ) from error
        inputs = [TensorInfo.from_details(d) for d in self._interpreter.get_input_details()]
        self.outputs = tuple(
            TensorInfo.from_details(d) for d in self._interpreter.get_output_details()
        )
        self._is_quantized = any(one.dtype != np.float32 for one in self.outputs)
        self.input = inputs[0]
        shape = self.input.shape
        if len(inputs) != 1 or len(shape) != 4 or shape[1] != shape[2] or shape[3] != 3:
            raise ModelFileError(
                f"{model_path}: its input is {[list(one.shape) for one in inputs]}, "
                "not one square RGB image. Give a model written by face520-convert."
            )
        levels = (np.arange(256, dtype=np.float32) - input_mean) / input_std
        # Normalising and quantizing 256 grey levels once leaves one table look-up per pixel.
        self._table = self.input.quantize(levels)
        # The first run allocates and is several times slower than the others.
        self._on_run: OnRun | None = None
        self.invoke(np.zeros(shape[1:], np.uint8))
        self._on_run = on_run

    @property
    def input_size_px(self) -> int:
        """Side S of the square input."""
        return self.input.shape[1]

    @property
    def numbers(self) -> str:
        """int8 where the image enters so, else what the weights are stored as."""
        if self.input.scale:
            return self.input.dtype.name
        stored = {np.dtype(one["dtype"]).name for one in self._interpreter.get_tensor_details()}
        return next((kind for kind in ("float16", "int8") if kind in stored), "float32")

    def invoke(self, image: Uint8Image) -> list[FloatArray]:
        """Run on RGB pixels (S, S, 3); one float array per entry of `outputs`, in that order."""
        start = perf_counter()
        # Straight into the interpreter's own memory, to which no name may refer while it runs.
        cv2.LUT(image, self._table, dst=self._interpreter.tensor(self.input.index)()[0])
        try:
            fed = perf_counter()
            self._interpreter.invoke()
            done = perf_counter()
        except (ValueError, RuntimeError) as error:
            raise ModelFileError(
                f"{self.model_path}: the model fails while it runs in {self.runtime} ({error}). "
                "Convert it again, or use the bundled model."
            ) from error
        outputs = [self._interpreter.get_tensor(output.index) for output in self.outputs]
        if self._is_quantized:
            outputs = [info.dequantize(one) for info, one in zip(self.outputs, outputs)]
        if self._on_run is not None:
            dequantize_ms = ms_since(done)
            quantize_ms, invoke_ms = (fed - start) * 1e3, (done - fed) * 1e3
            self._on_run(
                NetworkRun(self.model_path, image, outputs, quantize_ms, invoke_ms, dequantize_ms)
            )
        return outputs
