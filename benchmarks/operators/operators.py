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
# Where in a network an operator stands; a head is what some output of the model does not need.
STAGES = ("first convolution", "depthwise", "pointwise", "dense", "pad", "head", "other")
BY_TYPE = {"DEPTHWISE_CONV_2D": "depthwise", "FULLY_CONNECTED": "pointwise", "PAD": "pad"}


@dataclass(frozen=True)
class Operator:
    """One operator. output_shape without the batch; dtype of the output; stage: one of STAGES.

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
    stage: str = "other"


@dataclass(frozen=True)
class NodeTime:
    """A type of node as benchmark_model names it, and its share of the time of an inference."""

    type: str
    count: int
    mean_ms: float
    share: float


@dataclass(frozen=True)
class OperatorCosts:
    """What the operators of a model cost by one measure.

    where: an emulated core, or this machine. unit: "instructions", "us" and so on. values: one for
    each operator; None where it runs as a part of the next one. whole: of the model in one piece.
    """

    where: str
    unit: str
    values: tuple[float | None, ...]
    whole: float


@dataclass(frozen=True)
class OperatorTable:
    """All operators of a model, in the order in which they run.

    node_times: from TFLite's benchmark_model, where it was given; interpreters in Python do not
    time their operators. XNNPACK fuses operators, so its nodes are fewer. costs: what was counted
    or timed of models cut into operators.
    """

    model: str
    operators: tuple[Operator, ...]
    node_times: tuple[NodeTime, ...] = ()
    costs: tuple[OperatorCosts, ...] = ()

    @property
    def macs(self) -> int:
        return sum(operator.macs for operator in self.operators)

    @property
    def parameters(self) -> int:
        return sum(operator.parameters for operator in self.operators)

    @property
    def parameter_bytes(self) -> int:
        return sum(operator.parameter_bytes for operator in self.operators)

    def of_stage(self, stage: str, costs: OperatorCosts) -> float:
        """What all operators of a stage cost together."""
        pairs = zip(self.operators, costs.values, strict=True)
        return sum(value or 0.0 for operator, value in pairs if operator.stage == stage)


def read_operators(model: ModelFile, instruction_set: str = "") -> OperatorTable:
    """The operators in a file, as the interpreter sees them before a delegate takes them over.

    instruction_set: of the process, which is chosen once (benchmarks/timing/instruction_set.py).

    A dequantization of constants is not listed: XNNPACK does it once, while it loads the model.
    Raises BenchmarkError when the file cannot be loaded.
    """
    engine = Engine(model.path, EngineOptions(xnnpack=False, instruction_set=instruction_set))
    details = engine.interpreter._get_ops_details()
    tensors = {one["index"]: one for one in engine.interpreter.get_tensor_details()}
    produced = {int(index) for op in details for index in op["outputs"]}
    produced |= {one["index"] for one in engine.interpreter.get_input_details()}
    stored = {index: _bytes(tensor) for index, tensor in tensors.items() if index not in produced}
    operators: list[Operator] = []
    heads = _heads(details, {one["index"] for one in engine.interpreter.get_output_details()})
    for position, op in enumerate(details):
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
        stage = "head" if position in heads else _stage(op["op_name"], inputs, tensors, operators)
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
                stage=stage,
            )
        )
    return OperatorTable(model.name, tuple(operators))


def _heads(details: list[Any], outputs: set[int]) -> set[int]:
    """Positions of operators that some output of the model does not need."""
    needing = {index: {index} for index in outputs}
    heads = set()
    for position in reversed(range(len(details))):
        served: set[int] = set()
        for index in details[position]["outputs"]:
            served |= needing.get(int(index), set())
        for index in details[position]["inputs"]:
            needing.setdefault(int(index), set()).update(served)
        if served < outputs:
            heads.add(position)
    return heads


def _stage(kind: str, inputs: list[int], tensors: dict[int, Any], before: list[Operator]) -> str:
    if kind != "CONV_2D":
        return BY_TYPE.get(kind, "other")
    if not any(operator.macs for operator in before):
        return "first convolution"
    is_pointwise = _shape(tensors[inputs[WEIGHT_INPUT]])[1:3] == (1, 1)
    return "pointwise" if is_pointwise else "dense"


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
