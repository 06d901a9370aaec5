"""The same file in every interpreter and set of kernels: do they say the same?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from conversion.verification.lite_model import (
    MODULES,
    RESOLVERS,
    LiteModel,
    RuntimeChoice,
    RuntimeLoadError,
)
from edge_runtime.arrays import Uint8Image
from training.network.standardisation import Standardisation


@dataclass(frozen=True)
class RuntimeCheck:
    """One interpreter with one set of kernels, against the first of the list.

    Distances in px of the crop; presence: the largest difference. reason: why the file does not
    run there, "" where it does; the rest is None then.
    """

    runtime: str
    version: str
    kernels: str
    reason: str
    mean_px: float | None = None
    max_px: float | None = None
    presence: float | None = None


def check_runtimes(
    flatbuffer: bytes, standardisation: Standardisation, crops: Uint8Image
) -> tuple[RuntimeCheck, ...]:
    """Run RGB crops (C, S, S, 3) through all interpreters; the first is the edge runtime's own."""
    return tuple(_checks(flatbuffer, standardisation, crops))


def _checks(
    flatbuffer: bytes, standardisation: Standardisation, crops: Uint8Image
) -> Iterator[RuntimeCheck]:
    first = None
    for runtime, kernels in product(MODULES, RESOLVERS):
        choice = RuntimeChoice(runtime, kernels)
        try:
            outputs, presence = LiteModel(flatbuffer, choice).run(crops)
        except (RuntimeLoadError, ValueError, RuntimeError) as error:
            yield RuntimeCheck(runtime, choice.version, kernels, str(error).split("\n")[0])
            continue
        points = standardisation.undo(outputs)[..., :2] * crops.shape[1]
        first = first or (points, presence)
        distance = np.linalg.norm(points - first[0], axis=-1)
        apart = None
        if presence is not None and first[1] is not None:
            apart = float(np.abs(presence - first[1]).max())
        yield RuntimeCheck(
            runtime,
            choice.version,
            kernels,
            reason="",
            mean_px=float(distance.mean()),
            max_px=float(distance.max()),
            presence=apart,
        )
