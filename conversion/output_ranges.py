"""Sets the ranges of an integer file's outputs: all of a probability, some room for landmarks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

# sigmoid(8) is 0.9997; in 8 bits the step is 0.063, at most 0.016 of presence.
LOGIT_LIMIT = 8.0
# Times the largest swing in calibration, so that a pose beyond all of those is not cut off. Main
# 1.1.0 calibrated, on 1000 held-out faces: without it 1.5 % of them have a point more than 3 px of
# 120 from Keras' (10.0 px at worst), with 1.1 0.2 % (5.4), with 1.2 none (2.7); the mean distance
# goes from 0.252 over 0.257 to 0.264 px, with 1.3 to 0.271.
LANDMARK_ROOM = 1.2


def with_output_ranges(flatbuffer: bytes) -> bytes:
    """The same integer file, logits ranging from -8 to 8, landmarks LANDMARK_ROOM further.

    Calibrated on faces alone, presence's range ends where faces do, and nothing could be told not
    to be one; calibrated on other pictures as well, the landmarks' ranges double and their steps
    with them (0.22 px to Keras becomes 0.48). The kernels that compute logit and landmarks take
    whatever scale their output tensor names, so a range can be set after calibration.
    """
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(flatbuffer))
    graph = model.subgraphs[0]
    kinds = schema.BuiltinOperator
    made_by = {
        output: (model.operatorCodes[operator.opcodeIndex].builtinCode, operator)
        for operator in graph.operators
        for output in operator.outputs
    }
    levels = {schema.TensorType.INT8: 128, schema.TensorType.INT16: 32768}

    def computed(index: int) -> Iterator[Any]:
        """Integer tensors from this one back to the layer that computes it: they share a scale."""
        while True:
            if graph.tensors[index].type in levels:
                yield graph.tensors[index]
            kind, operator = made_by[index]
            if kind not in (kinds.DEQUANTIZE, kinds.RESHAPE):
                return
            index = operator.inputs[0]

    for kind, operator in made_by.values():
        if kind == kinds.LOGISTIC:
            for logit in computed(operator.inputs[0]):
                scale = np.array([LOGIT_LIMIT / levels[logit.type]], np.float32)
                logit.quantization.scale, logit.quantization.zeroPoint = scale, np.array([0])
    landmarks = max(graph.outputs, key=lambda output: _size(graph.tensors[output]))
    for tensor in computed(landmarks):
        tensor.quantization.scale = np.array(tensor.quantization.scale) * LANDMARK_ROOM
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _size(tensor: Any) -> int:
    return int(np.prod(tensor.shape))
