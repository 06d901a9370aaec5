"""What a .tflite file is made of: its operators, their versions and the types of its tensors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

# They change the form of a number, not its value; at the borders of an integer file.
FORM_CHANGES = ("QUANTIZE", "DEQUANTIZE", "FAKE_QUANT")


@dataclass(frozen=True)
class LiteOperator:
    """One operator; dtypes of what it computes from and into, constants left out.

    result: index of its output tensor. layer: the Keras layer that its name tells.
    """

    type: str
    version: int
    layer: str
    dtypes: tuple[str, ...]
    result: int
    sources: tuple[int, ...]


@dataclass(frozen=True)
class OperatorList:
    """All operators of a file in the order in which they run."""

    operators: tuple[LiteOperator, ...]
    input_dtype: str
    output_dtypes: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Operators by type and version, such as CONV_2D v3."""
        return dict(Counter(f"{one.type} v{one.version}" for one in self.operators))

    @property
    def tensor_types(self) -> dict[str, int]:
        """Activations by type."""
        return dict(Counter(dtype for one in self.operators for dtype in one.dtypes[-1:]))

    @property
    def float_operators(self) -> tuple[str, ...]:
        """Operators that take or give a float, as TYPE (layer)."""
        return tuple(
            f"{one.type} ({one.layer})" for one in self.operators if "FLOAT32" in one.dtypes
        )

    @property
    def float_computations(self) -> tuple[str, ...]:
        """Float operators other than the change of form at input and outputs."""
        return tuple(name for name in self.float_operators if not name.startswith(FORM_CHANGES))

    @classmethod
    def read(cls, flatbuffer: bytes) -> OperatorList:
        """Parse a file that TFLite's converter wrote."""
        from tensorflow.lite.python import schema_py_generated as schema

        model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(flatbuffer, 0))
        graph = model.subgraphs[0]
        kinds = {number: name for name, number in vars(schema.BuiltinOperator).items()}
        types = {number: name for name, number in vars(schema.TensorType).items()}
        dtypes = [types[tensor.type] for tensor in graph.tensors]
        constant = [_is_constant(model, tensor) for tensor in graph.tensors]

        def operator(stored: Any) -> LiteOperator:
            code = model.operatorCodes[stored.opcodeIndex]
            number = max(code.builtinCode, code.deprecatedBuiltinCode)
            sources = tuple(int(i) for i in stored.inputs if i >= 0 and not constant[i])
            result = int(stored.outputs[0])
            used = (*(dtypes[i] for i in sources), dtypes[result])
            layer = layer_name(graph.tensors[result].name.decode())
            return LiteOperator(kinds[number], code.version, layer, used, result, sources)

        operators = tuple(operator(stored) for stored in graph.operators)
        computed = tuple(one for one in operators if one.sources)
        outputs = tuple(dtypes[index] for index in graph.outputs)
        return cls(computed, dtypes[graph.inputs[0]], outputs)


def layer_name(tensor_name: str) -> str:
    """The Keras layer in a tensor's name, such as `conv1_relu` of `net/conv1_relu/Relu;net/...`.

    tfmot's wrappers put `quant_` before the name.
    """
    parts = tensor_name.split(";")[0].split("/")
    return (parts[1] if len(parts) > 1 else parts[0]).removeprefix("quant_")


def _is_constant(model: Any, tensor: Any) -> bool:
    data = model.buffers[tensor.buffer].data
    return data is not None and len(data) > 0
