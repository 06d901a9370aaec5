"""Gives the presence logit of an integer file the whole range that a sigmoid tells apart."""

from __future__ import annotations

import numpy as np

# sigmoid(8) is 0.9997; in 8 bits the step is 0.063, at most 0.016 of presence.
LOGIT_LIMIT = 8.0


def with_whole_logit_range(flatbuffer: bytes) -> bytes:
    """The same file with the input of every integer LOGISTIC ranging from -8 to 8.

    Calibrated on faces alone, the logit's range ends where faces do, and nothing could be told not
    to be one; calibrated on other pictures as well, the landmarks' ranges double and their steps
    with them (0.22 px to Keras becomes 0.48). The kernel that computes the logit takes whatever
    scale its output tensor names, so the range can be set after calibration.
    """
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(flatbuffer))
    logistic = schema.BuiltinOperator.LOGISTIC
    levels = {schema.TensorType.INT8: 128, schema.TensorType.INT16: 32768}
    graph = model.subgraphs[0]
    for operator in graph.operators:
        logit = graph.tensors[operator.inputs[0]]
        if (
            model.operatorCodes[operator.opcodeIndex].builtinCode == logistic
            and logit.type in levels
        ):
            scale = np.array([LOGIT_LIMIT / levels[logit.type]], np.float32)
            logit.quantization.scale, logit.quantization.zeroPoint = scale, np.array([0])
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
