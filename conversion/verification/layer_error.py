"""Where quantization loses precision: every layer of a file against the same layer in float."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conversion.verification.lite_model import LiteModel, RuntimeChoice
from conversion.verification.operator_list import FORM_CHANGES, LiteOperator, OperatorList
from edge_runtime.arrays import Uint8Image

# They move values or surround them, and compute none; an int8 file has them where a float one has
# not (`grouped_pixels.py`).
PLACE_CHANGES = ("PAD", "RESHAPE")


@dataclass(frozen=True)
class LayerError:
    """One layer on real crops.

    error: RMS difference to float over the RMS of the float values, all layers before it quantized
    as well. rise: how much of it this layer added, as root of the difference of squares; 0 where
    the error fell.
    """

    layer: str
    operator: str
    dtype: str
    error: float
    rise: float


def layer_errors(
    flatbuffer: bytes, float_flatbuffer: bytes, crops: Uint8Image
) -> tuple[LayerError, ...]:
    """Errors of all layers in the order in which they run, over RGB crops (C, S, S, 3).

    float_flatbuffer: the same network as a float32 file; that of a fake-quant network holds
    FAKE_QUANT operators, whose results are compared. Empty where the two files' layers differ.
    """
    quantized, exact = OperatorList.read(flatbuffer), OperatorList.read(float_flatbuffer)
    pairs = list(zip(_layers(quantized), _layers(exact)))
    if [one.type for one, _ in _layers(quantized)] != [one.type for one, _ in _layers(exact)]:
        return ()
    plain = RuntimeChoice(kernels="builtin")
    files = [
        LiteModel(content, plain, keep_tensors=True) for content in (flatbuffer, float_flatbuffer)
    ]
    difference, size = np.zeros(len(pairs)), np.zeros(len(pairs))
    for crop in crops:
        for file in files:
            file.invoke(crop)
        for place, ((_, found), (_, wanted)) in enumerate(pairs):
            truth = files[1].tensor(wanted).astype(np.float64)
            value = files[0].tensor(found).reshape(truth.shape)
            difference[place] += np.mean((value - truth) ** 2)
            size[place] += np.mean(truth**2)
    error = np.sqrt(difference / np.maximum(size, 1e-30))
    before = np.concatenate([[0.0], error[:-1]])
    rise = np.sqrt(np.maximum(error**2 - before**2, 0))
    return tuple(
        LayerError(one.layer, one.type, one.dtypes[-1], float(e), float(r))
        for ((one, _), _), e, r in zip(pairs, error, rise)
    )


def _layers(operators: OperatorList) -> list[tuple[LiteOperator, int]]:
    """Computing operators with the tensor that holds their result, behind a FAKE_QUANT if any."""
    faked = {one.sources[0]: one.result for one in operators.operators if one.type == "FAKE_QUANT"}
    return [
        (one, faked.get(one.result, one.result))
        for one in operators.operators
        if one.type not in (*FORM_CHANGES, *PLACE_CHANGES)
    ]
