import numpy as np
import pytest

from edge_runtime import InterpreterMissingError
from edge_runtime.detection.blazeface import BLAZEFACE_PATH
from edge_runtime.network import runtimes
from edge_runtime.network.interpreter import Interpreter, TensorInfo


def tensor(dtype: type, scale: float, zero_point: int) -> TensorInfo:
    return TensorInfo("made up", 0, (1,), np.dtype(dtype), scale, zero_point)


@pytest.mark.parametrize(("dtype", "zero_point"), [(np.int8, -7), (np.uint8, 128), (np.int16, 0)])
def test_quantized_values_return_to_half_a_step(dtype, zero_point):
    info = tensor(dtype, 0.01, zero_point)
    values = np.linspace(-1, 1, 101, dtype=np.float32)
    stored = info.quantize(values)
    assert stored.dtype == dtype
    np.testing.assert_allclose(info.dequantize(stored), values, atol=0.00501)


def test_quantizing_saturates():
    assert tensor(np.int8, 0.1, 0).quantize(np.array([-1e6, 1e6], np.float32)).tolist() == [
        -128,
        127,
    ]


def test_float_tensors_pass_unchanged():
    values = np.array([-3.25, 0.5], np.float32)
    info = tensor(np.float32, 0.0, 0)
    np.testing.assert_array_equal(info.dequantize(info.quantize(values)), values)


def test_remedy_when_no_runtime_is_installed(monkeypatch):
    monkeypatch.setattr(runtimes, "RUNTIMES", {"nothing": "no_such_module"})
    with pytest.raises(InterpreterMissingError, match="pip install ai-edge-litert"):
        Interpreter(BLAZEFACE_PATH)


@pytest.mark.parametrize("distribution", ["ai-edge-litert", "tflite-runtime"])
def test_runs_in_each_small_runtime(monkeypatch, distribution):
    module = runtimes.RUNTIMES[distribution]
    pytest.importorskip(module)
    monkeypatch.setattr(runtimes, "RUNTIMES", {distribution: module})
    loaded = Interpreter(BLAZEFACE_PATH)
    assert loaded.runtime == distribution and loaded.input_size_px == 128
    outputs = loaded.invoke(np.zeros((128, 128, 3), np.uint8))
    assert sorted(output.shape for output in outputs) == [(1, 896, 1), (1, 896, 16)]
