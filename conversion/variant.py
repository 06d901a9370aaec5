"""The kinds of .tflite file: what is quantized in each, and how far it may be from Keras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from edge_runtime.errors import Face520Error

Variant = Literal["float32", "float16", "dynamic", "int8", "int8-strict", "int16x8"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
DEFAULT_VARIANTS: tuple[Variant, ...] = ("float32", "int8")
INTEGER_VARIANTS: tuple[Variant, ...] = ("int8", "int8-strict", "int16x8")
FAKE_QUANT_VARIANTS: tuple[Variant, ...] = ("int8", "int8-strict")

# How the ranges of activations became known: from representative crops after training (ptq), or
# in training with fake-quant nodes in the graph (qat); "none" where no range is stored.
Quantization = Literal["none", "ptq", "qat"]

# Crop side that limits are stated for; they grow with the side.
LIMIT_CROP_PX = 120


# Beside the landmarks; each from 0 to 1.
OTHER_OUTPUTS = ("presence", "expression", "visibility")


@dataclass(frozen=True)
class OutputLimits:
    """How far an output may be from Keras', on average and at worst."""

    mean: float
    worst: float


@dataclass(frozen=True)
class Limits:
    """What a file must keep to, or it is not written.

    mean_px: distance to Keras' points on a 120 px crop. outputs: differences of each other output
    to Keras' on crops of faces. nme_percent: how much worse than Keras on an evaluation folder.
    """

    mean_px: float
    outputs: dict[str, OutputLimits]
    nme_percent: float


# A probability near one half turns round when its logit moves by little: of a landmark on the rim
# of what is seen, the worst of hundreds of thousands may be far off where the mean is not.
EXACT = {name: OutputLimits(0.0005, 0.001) for name in OTHER_OUTPUTS}
HALF = {
    "presence": OutputLimits(0.005, 0.01),
    "expression": OutputLimits(0.002, 0.02),
    "visibility": OutputLimits(0.002, 0.05),
}
INTEGER = {
    "presence": OutputLimits(0.05, 0.15),
    "expression": OutputLimits(0.03, 0.30),
    "visibility": OutputLimits(0.03, 0.60),
}
LIMITS: dict[Variant, Limits] = {
    "float32": Limits(0.01, EXACT, 0.005),
    "float16": Limits(0.05, HALF, 0.01),
    "dynamic": Limits(0.40, INTEGER, 0.06),
    "int8": Limits(0.40, INTEGER, 0.06),
    "int8-strict": Limits(0.40, INTEGER, 0.06),
    "int16x8": Limits(0.40, INTEGER, 0.06),
}


def checked_variants(names: Sequence[str]) -> list[Variant]:
    """The named variants in the order of VARIANTS. Raises Face520Error for an unknown one."""
    unknown = [name for name in names if name not in VARIANTS]
    if unknown:
        raise Face520Error(f"unknown variant {unknown[0]!r}; there are {', '.join(VARIANTS)}.")
    return [variant for variant in VARIANTS if variant in names]
