"""A model cut into its operators, so that each can be counted or timed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.model_file import ModelFile

IDENTIFIER = b"TFL3"


def write_prefixes(model: ModelFile, folder: Path) -> tuple[Path, ...]:
    """The model without operators, then cut after each operator that `read_operators` lists.

    What one operator costs is what its cut costs more than the cut before. A cut gives out what
    later operators would have read, so that it computes all of it; the last one computes what the
    model does. Raises BenchmarkError without ai-edge-litert, which has the schema of the files, and
    when a model has control flow.
    """
    whole = _Whole.read(model)
    return tuple(
        whole.write(whole.listed[:length], folder / f"{model.name}_first_{length:03d}.tflite")
        for length in range(len(whole.listed) + 1)
    )


def write_slices(model: ModelFile, folder: Path) -> tuple[Path | None, ...]:
    """Each operator that `read_operators` lists as a model of its own, between what it reads.

    None for padding, which stands in the model of the operator after it, since XNNPACK makes it a
    part of that. Raises what `write_prefixes` raises.
    """
    whole = _Whole.read(model)
    found, padding = list[Path | None](), list[int]()
    for number, index in enumerate(whole.listed):
        if whole.kind(index) == whole.schema.BuiltinOperator.PAD and index != whole.listed[-1]:
            padding.append(index)
            found.append(None)
            continue
        path = folder / f"{model.name}_only_{number:03d}.tflite"
        found.append(whole.write([*padding, index], path))
        padding = []
    return tuple(found)


def parse_model(file: ModelFile) -> tuple[Any, Any]:
    """The model as objects, and the schema of its files.

    Raises BenchmarkError without ai-edge-litert, which has the schema, and for control flow.
    """
    try:
        from ai_edge_litert import schema_py_generated as schema
    except ImportError as error:
        raise BenchmarkError(
            f"{file.path}: cannot be taken apart without the schema in ai-edge-litert. "
            "Run: pip install ai-edge-litert"
        ) from error
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(file.path.read_bytes(), 0))
    if len(model.subgraphs) != 1:
        raise BenchmarkError(f"{file.path}: has control flow, so it cannot be taken apart.")
    return model, schema


def write_model(model: Any, path: Path) -> Path:
    """Write what `parse_model` gave; returns the path."""
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), IDENTIFIER)
    path.write_bytes(bytes(builder.Output()))
    return path


@dataclass(frozen=True)
class _Whole:
    """A parsed model. unpacking: its operators that unpack constants, which XNNPACK does once."""

    model: Any
    schema: Any
    unpacking: tuple[int, ...]
    listed: tuple[int, ...]

    @classmethod
    def read(cls, file: ModelFile) -> _Whole:
        model, schema = parse_model(file)
        whole = cls(model, schema, (), ())
        operators = model.subgraphs[0].operators
        unpacking = tuple(i for i in range(len(operators)) if whole._unpacks_a_constant(i))
        listed = tuple(i for i in range(len(operators)) if i not in unpacking)
        return cls(model, schema, unpacking, listed)

    def kind(self, index: int) -> int:
        """The operator's number in the schema, which has two fields for it."""
        code = self.model.operatorCodes[self.model.subgraphs[0].operators[index].opcodeIndex]
        return int(max(code.builtinCode, code.deprecatedBuiltinCode))

    def write(self, kept: Sequence[int], path: Path) -> Path:
        """A model of these operators and of what they need."""
        return write_model(self._shortened(kept), path)

    def _unpacks_a_constant(self, index: int) -> bool:
        source = int(self.model.subgraphs[0].operators[index].inputs[0])
        return self.kind(index) == self.schema.BuiltinOperator.DEQUANTIZE and self._is_constant(
            source
        )

    def _is_constant(self, tensor: int) -> bool:
        buffer = self.model.subgraphs[0].tensors[tensor].buffer
        return self.model.buffers[buffer].data is not None

    def _shortened(self, kept: Sequence[int]) -> Any:
        """Shares with the whole model what is unchanged."""
        graph = copy(self.model.subgraphs[0])
        operators = graph.operators
        read = _tensors(operators[index].inputs for index in kept)
        needed = [i for i in self.unpacking if read & _tensors([operators[i].outputs])]
        unpacked = _tensors(operators[index].outputs for index in needed)
        produced = _tensors(operators[index].outputs for index in kept)
        later = set(range(len(operators))) - set(kept) - set(self.unpacking)
        read_later = _tensors([*(operators[index].inputs for index in later), graph.outputs])
        given = read - produced - unpacked
        graph.inputs = sorted(one for one in given if not self._is_constant(one)) or graph.inputs
        graph.outputs = sorted(produced & read_later) or list(graph.inputs)
        graph.operators = [operators[index] for index in sorted([*kept, *needed])]
        used = read | produced | _tensors(operators[index].inputs for index in needed)
        buffers = {graph.tensors[index].buffer for index in used}
        shortened = copy(self.model)
        shortened.subgraphs = [graph]
        shortened.buffers = [
            one if index in buffers else _emptied(one)
            for index, one in enumerate(self.model.buffers)
        ]
        # A signature names outputs that are gone; metadata is of no use here.
        shortened.signatureDefs = shortened.metadata = None
        return shortened


def _tensors(lists: Iterable[Iterable[int]]) -> set[int]:
    """Those that are there: -1 stands for an input that an operator does without."""
    return {int(index) for one in lists for index in one if index >= 0}


def _emptied(buffer: Any) -> Any:
    emptied = copy(buffer)
    emptied.data = None
    return emptied
