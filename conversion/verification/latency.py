"""A short timing of several files against each other, on the machine that converts them."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter_ns

import numpy as np
from numpy.typing import NDArray

from conversion.verification.lite_model import LiteModel

WARM_UP_RUNS = 3
ROUNDS = 40


def median_ms(files: Mapping[str, bytes], crop: NDArray[np.uint8]) -> dict[str, float]:
    """Median time of one inference of each flatbuffer: LiteRT, one thread, the files in turn.

    Taken in turn, so that a busy moment of the machine meets all of them. `face520-bench` measures
    with more care.
    """
    models = {name: LiteModel(flatbuffer) for name, flatbuffer in files.items()}
    for model in models.values():
        for _ in range(WARM_UP_RUNS):
            model.invoke(crop)
    times_ns: dict[str, list[int]] = {name: [] for name in models}
    for _ in range(ROUNDS):
        for name, model in models.items():
            start = perf_counter_ns()
            model.interpreter.invoke()
            times_ns[name].append(perf_counter_ns() - start)
    return {name: float(np.median(times)) / 1e6 for name, times in times_ns.items()}
