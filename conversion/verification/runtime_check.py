"""The same file in every interpreter and set of kernels: do they agree?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from conversion.verification.lite_model import (
    LiteModel,
    RuntimeChoice,
)
from edge_runtime.arrays import Uint8Image
from edge_runtime.errors import InterpreterMissingError, ModelFileError
from edge_runtime.network.runtimes import RESOLVERS, RUNTIMES
from training.network.standardisation import Standardisation


@dataclass(frozen=True)
class RuntimeCheck:
    """One interpreter with one set of kernels, against the first of the list.

    Distances in px of the crop; others: the largest difference of outputs from 0 to 1, None where
    there is none. reason: why the file does not run there, "" where it does; the rest is None then.
    """

    runtime: str
    version: str
    kernels: str
    reason: str
    mean_px: float | None = None
    max_px: float | None = None
    others: float | None = None


def check_runtimes(
    flatbuffer: bytes, standardisation: Standardisation, crops: Uint8Image
) -> tuple[RuntimeCheck, ...]:
    """Run RGB crops (C, S, S, 3) through all interpreters; the first is the edge runtime's own."""
    return tuple(_checks(flatbuffer, standardisation, crops))


def _checks(
    flatbuffer: bytes, standardisation: Standardisation, crops: Uint8Image
) -> Iterator[RuntimeCheck]:
    first = None
    for runtime, kernels in product(RUNTIMES, RESOLVERS):
        choice = RuntimeChoice(runtime, kernels)
        try:
            outputs, *others = LiteModel(flatbuffer, choice).run(crops)
        except (InterpreterMissingError, ModelFileError, ValueError, RuntimeError) as error:
            yield RuntimeCheck(runtime, choice.version, kernels, str(error).split("\n")[0])
            continue
        points = standardisation.undo(outputs)[..., :2] * crops.shape[1]
        first = first or (points, others)
        distance = np.linalg.norm(points - first[0], axis=-1)
        apart = [float(np.abs(one - other).max()) for one, other in zip(others, first[1])]
        yield RuntimeCheck(
            runtime,
            choice.version,
            kernels,
            reason="",
            mean_px=float(distance.mean()),
            max_px=float(distance.max()),
            others=max(apart, default=None),
        )
