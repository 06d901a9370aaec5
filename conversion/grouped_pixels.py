"""The first convolution of an int8 file on groups of pixels: the same sums, in half the time.

Kernels for integers take channels in eights and fetch every pixel under a kernel on its own, so
three channels are the dearest that there are. Four pixels of a row lie one behind the other in
memory: seen as one of 12 channels, they meet a kernel that makes two places of the result at once,
16 channels of each. Half of its weights are zero, and the integers that come out are the same.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

GROUP_PX = 4
PLACES = GROUP_PX // 2  # of the result that a group's first half and second half are the middle of
# What surrounds the image: a row above, a pixel on the left; what else the file pads is never read.
PADDING = ((0, 0), (1, 0), (1, 0), (0, 0))


def with_grouped_pixels(flatbuffer: bytes) -> bytes:
    """The same int8 file, a 3 x 3 convolution of stride 2 on a padded image regrouped.

    As it is where the file does not begin with one, or the image's side is no multiple of four.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(flatbuffer))
    graph = _Graph(model)
    first = graph.first_convolution()
    if first is None:
        return flatbuffer
    graph.regroup(*first)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


class _Graph:
    """A parsed file's operators and tensors, to be changed in place."""

    def __init__(self, model: Any) -> None:
        from tensorflow.lite.python import schema_py_generated as schema

        self._model, self._schema = model, schema
        self._graph = model.subgraphs[0]

    def first_convolution(self) -> tuple[Any, Any] | None:
        """The padding of the image and the convolution behind it, where they are as expected."""
        kinds, operators = self._schema.BuiltinOperator, self._graph.operators
        for pad, convolution in pairwise(operators):
            if self._kind(pad) == kinds.PAD and self._kind(convolution) == kinds.CONV_2D:
                return (pad, convolution) if self._fits(pad, convolution) else None
        return None

    def _fits(self, pad: Any, convolution: Any) -> bool:
        image = self._tensor(pad.inputs[0])
        options, kernel = convolution.builtinOptions, self._tensor(convolution.inputs[1])
        return (
            image.type == self._schema.TensorType.INT8
            and image.shape[1] % GROUP_PX == image.shape[2] % GROUP_PX == 0
            and tuple(kernel.shape[1:]) == (3, 3, 3)
            and (options.strideH, options.strideW) == (2, 2)
            and options.padding == self._schema.Padding.VALID
            and self._constant(pad.inputs[1]).tolist() == [[0, 0], [1, 1], [1, 1], [0, 0]]
            and convolution.inputs[0] == pad.outputs[0]
        )

    def regroup(self, pad: Any, convolution: Any) -> None:
        """Image -> groups -> padded -> two places at once -> the convolution's own result."""
        _, height, width, colours = self._tensor(pad.inputs[0]).shape.tolist()
        grouped = self._like(pad.inputs[0], (1, height, width // GROUP_PX, GROUP_PX * colours))
        padded = self._tensor(pad.outputs[0])
        padded.shape = np.array(
            [1, height + 1, width // GROUP_PX + 1, GROUP_PX * colours], np.int32
        )
        result = convolution.outputs[0]
        _, rows, columns, channels = self._tensor(result).shape.tolist()
        pairs = self._like(result, (1, rows, columns // PLACES, PLACES * channels))
        before = self._reshape(pad.inputs[0], grouped)
        behind = self._reshape(pairs, result)
        kernel, bias = convolution.inputs[1:3]
        self._repeat(kernel, grouped_kernel(self._constant(kernel)))
        self._repeat(bias, np.tile(self._constant(bias), PLACES))
        pad.inputs = np.array([grouped, self._new_constant(np.array(PADDING, np.int32))], np.int32)
        convolution.outputs = np.array([pairs], np.int32)
        convolution.builtinOptions.strideW = 1
        place = self._graph.operators.index(pad)
        self._graph.operators[place : place + 2] = [before, pad, convolution, behind]

    def _kind(self, operator: Any) -> int:
        return int(self._model.operatorCodes[operator.opcodeIndex].builtinCode)

    def _tensor(self, index: int) -> Any:
        return self._graph.tensors[index]

    def _constant(self, index: int) -> NDArray[Any]:
        """Its values; a tensor of int8 or int32."""
        tensor = self._tensor(index)
        dtype = np.int8 if tensor.type == self._schema.TensorType.INT8 else np.int32
        data = np.asarray(self._model.buffers[tensor.buffer].data, np.uint8)
        return data.view(dtype).reshape(tensor.shape)

    def _like(self, index: int, shape: tuple[int, ...]) -> int:
        """A tensor of the same scale in another shape."""
        tensor = deepcopy(self._tensor(index))
        tensor.shape, tensor.shapeSignature = np.array(shape, np.int32), None
        tensor.name += b";grouped"
        return self._added(tensor)

    def _repeat(self, index: int, values: NDArray[Any]) -> None:
        """Give a constant values that have each of its channels once for every place."""
        tensor = self._tensor(index)
        tensor.shape = np.array(values.shape, np.int32)
        self._model.buffers[tensor.buffer].data = _bytes(values)
        scales = tensor.quantization
        scales.scale = np.tile(scales.scale, PLACES)
        scales.zeroPoint = np.tile(scales.zeroPoint, PLACES)

    def _new_constant(self, values: NDArray[Any]) -> int:
        tensor, buffer = self._schema.TensorT(), self._schema.BufferT()
        buffer.data = _bytes(values)
        tensor.shape, tensor.type = np.array(values.shape, np.int32), self._schema.TensorType.INT32
        tensor.buffer, tensor.name, tensor.hasRank = len(self._model.buffers), b"grouped", True
        self._model.buffers.append(buffer)
        return self._added(tensor)

    def _added(self, tensor: Any) -> int:
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def _reshape(self, source: int, result: int) -> Any:
        schema = self._schema
        shape = np.array(self._tensor(result).shape, np.int32)
        operator, options = schema.OperatorT(), schema.ReshapeOptionsT()
        options.newShape = shape
        operator.opcodeIndex = self._code(schema.BuiltinOperator.RESHAPE)
        operator.inputs = np.array([source, self._new_constant(shape)], np.int32)
        operator.outputs = np.array([result], np.int32)
        operator.builtinOptionsType = schema.BuiltinOptions.ReshapeOptions
        operator.builtinOptions = options
        return operator

    def _code(self, kind: int) -> int:
        """Index of an operator's code, added where the file has none yet."""
        codes = self._model.operatorCodes
        for index, code in enumerate(codes):
            if code.builtinCode == kind:
                return index
        added = self._schema.OperatorCodeT()
        added.builtinCode = added.deprecatedBuiltinCode = kind
        codes.append(added)
        return len(codes) - 1


def _bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.frombuffer(values.tobytes(), np.uint8)


def grouped_kernel(kernel: NDArray[Any]) -> NDArray[Any]:
    """Kernel (channels, 3, 3, colours) on pixels as one on groups (2 channels, 3, 2, 4 colours).

    A result's place in column 2 J + place reads the pixels 4 J + 2 place - 1 to + 1, which lie in
    the groups J - 1 and J.
    """
    channels, rows, columns, colours = kernel.shape
    grouped = np.zeros((PLACES, channels, rows, 2, GROUP_PX, colours), kernel.dtype)
    for place in range(PLACES):
        for column in range(columns):
            group, pixel = divmod(GROUP_PX + 2 * place - 1 + column, GROUP_PX)
            grouped[place, :, :, group, pixel] = kernel[:, :, column]
    return grouped.reshape(PLACES * channels, rows, 2, GROUP_PX * colours)
