"""What a model computes, operator by operator: MAC, parameters, bytes."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from benchmarks.model_file import ModelFile
from benchmarks.timing.engine import Engine, EngineOptions

# Layouts of the weights (tensorflow/lite/kernels): convolution (out, h, w, in), depthwise
# (1, h, w, channels), fully connected (out, in), transposed convolution (out, h, w, in) as input 1.
WEIGHT_INPUT = 1
DELEGATE = "DELEGATE"


@dataclass(frozen=True)
class Operator:
    """One operator. output_shape without the batch; dtype of the output.

    activation_bytes: activations read and written once; parameter_bytes: constants read once.
    """

    index: int
    type: str
    output_shape: tuple[int, ...]
    dtype: str
    macs: int
    parameters: int
    parameter_bytes: int
    activation_bytes: int


@dataclass(frozen=True)
class NodeTime:
    """A type of node as benchmark_model names it, and its share of the time of an inference."""

    type: str
    count: int
    mean_ms: float
    share: float


@dataclass(frozen=True)
class OperatorTable:
    """All operators of a model, in the order in which they run.

    node_times: from TFLite's benchmark_model, where it was given; interpreters in Python do not
    time their operators. XNNPACK fuses operators, so its nodes are fewer.
    """

    model: str
    operators: tuple[Operator, ...]
    node_times: tuple[NodeTime, ...] = ()

    @property
    def macs(self) -> int:
        return sum(operator.macs for operator in self.operators)

    @property
    def parameters(self) -> int:
        return sum(operator.parameters for operator in self.operators)

    @property
    def parameter_bytes(self) -> int:
        return sum(operator.parameter_bytes for operator in self.operators)


def read_operators(model: ModelFile) -> OperatorTable:
    """The operators in a file, as the interpreter sees them before a delegate takes them over.

    A dequantization of constants is not listed: XNNPACK does it once, while it loads the model.
    Raises BenchmarkError when the file cannot be loaded.
    """
    engine = Engine(model.path, EngineOptions(xnnpack=False))
    details = engine.interpreter._get_ops_details()
    tensors = {one["index"]: one for one in engine.interpreter.get_tensor_details()}
    produced = {int(index) for op in details for index in op["outputs"]}
    produced |= {one["index"] for one in engine.interpreter.get_input_details()}
    stored = {index: _bytes(tensor) for index, tensor in tensors.items() if index not in produced}
    operators: list[Operator] = []
    for op in details:
        inputs = [int(index) for index in op["inputs"] if int(index) in tensors]
        outputs = [int(index) for index in op["outputs"]]
        if op["op_name"] == "DEQUANTIZE" and inputs[0] in stored:
            # Its result is a constant too, of which the file holds fewer bytes.
            stored[outputs[0]] = stored[inputs[0]]
            continue
        if op["op_name"] == DELEGATE:
            continue
        macs = _macs(op["op_name"], inputs, outputs, tensors)
        # Shapes and axes are constants too, but no parameters; biases of int32 are.
        constants = [
            index
            for index in inputs
            if index in stored and (macs or np.dtype(tensors[index]["dtype"]).kind == "f")
        ]
        moved = [index for index in inputs + outputs if index not in stored]
        shape = _shape(tensors[outputs[0]])
        operators.append(
            Operator(
                index=len(operators),
                type=op["op_name"],
                output_shape=shape[1:] or shape,
                dtype=np.dtype(tensors[outputs[0]]["dtype"]).name,
                macs=macs,
                parameters=sum(prod(_shape(tensors[index])) for index in constants),
                parameter_bytes=sum(stored[index] for index in constants),
                activation_bytes=sum(_bytes(tensors[index]) for index in moved),
            )
        )
    return OperatorTable(model.name, tuple(operators))


def _macs(kind: str, inputs: list[int], outputs: list[int], tensors: dict[int, Any]) -> int:
    if kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"):
        return 0
    weights, result = _shape(tensors[inputs[WEIGHT_INPUT]]), _shape(tensors[outputs[0]])
    if kind == "CONV_2D":
        return prod(result) * prod(weights[1:])
    if kind == "DEPTHWISE_CONV_2D":
        return prod(result) * prod(weights[1:3])
    if kind == "FULLY_CONNECTED":
        return prod(result) * weights[-1]
    return prod(_shape(tensors[inputs[2]])) * prod(weights[:3])


def _shape(tensor: dict[str, Any]) -> tuple[int, ...]:
    return tuple(int(length) for length in tensor["shape"])


def _bytes(tensor: dict[str, Any]) -> int:
    return prod(_shape(tensor)) * np.dtype(tensor["dtype"]).itemsize
