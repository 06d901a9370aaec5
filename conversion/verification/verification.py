"""Everything that is checked of a file before it is written, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from conversion.network import Network
from conversion.variant import INTEGER_VARIANTS, LIMIT_CROP_PX, LIMITS, Quantization, Variant
from conversion.verification.agreement import (
    Agreement,
    KerasAnswers,
    file_predictor,
    measure_agreement,
)
from conversion.verification.layer_error import LayerError, layer_errors
from conversion.verification.operator_list import OperatorList
from conversion.verification.runtime_check import RuntimeCheck, check_runtimes
from training.evaluation.aflw2000 import read_folder
from training.evaluation.evaluate import evaluate
from training.run.scored_model import Predictor

LAYER_CROPS = 16
RUNTIME_CROPS = 20


@dataclass(frozen=True, eq=False)
class Candidate:
    """A converted file that has not been accepted.

    network: what it was made from, whose outputs it should give. flatbuffer: bare; packed: with
    metadata and contract. float_flatbuffer: the same network as float32.
    """

    variant: Variant
    quantization: Quantization
    network: Network
    flatbuffer: bytes
    packed: bytes
    float_flatbuffer: bytes


@dataclass(frozen=True)
class Verification:
    """What was found of one file. failures: why it is not written; empty if it passed.

    nme_percent: by |yaw| bin and their mean, with Keras' beside it; None without an evaluation
    folder. latency_ms: median on the converting machine, None for a file that failed.
    """

    variant: Variant
    quantization: Quantization
    file: str
    failures: tuple[str, ...]
    size_bytes: int = 0
    operators: OperatorList | None = None
    agreement: Agreement | None = None
    layers: tuple[LayerError, ...] = ()
    runtimes: tuple[RuntimeCheck, ...] = ()
    nme_percent: dict[str, float] | None = None
    latency_ms: float | None = None

    @property
    def passed(self) -> bool:
        return not self.failures

    @property
    def worst_layers(self) -> tuple[LayerError, ...]:
        """The five layers that add most to the error."""
        return tuple(sorted(self.layers, key=lambda one: -one.rise)[:5])


@dataclass(frozen=True, eq=False)
class Reference:
    """What files are held against. nme_percent: Keras' own on the evaluation folder."""

    answers: KerasAnswers
    evaluation: Path | None
    nme_percent: dict[str, float] | None

    @classmethod
    def of(cls, network: Network, answers: KerasAnswers, evaluation: Path | None) -> Reference:
        if evaluation is None:
            return cls(answers, None, None)
        scores = _scores(evaluation, lambda crops: network.run(crops)["landmarks"], network.size_px)
        return cls(answers, evaluation, scores)


def verify(candidate: Candidate, file: str, reference: Reference) -> Verification:
    """Measure a candidate and judge it; file: the name it would get."""
    variant, size_px = candidate.variant, candidate.network.size_px
    faces = reference.answers.crops.faces
    found = Verification(
        variant=variant,
        quantization=candidate.quantization,
        file=file,
        failures=(),
        size_bytes=len(candidate.packed),
        operators=OperatorList.read(candidate.flatbuffer),
        agreement=measure_agreement(candidate.packed, reference.answers),
        layers=layer_errors(
            candidate.flatbuffer,
            candidate.float_flatbuffer,
            faces[:: len(faces) // LAYER_CROPS or 1],
        ),
        runtimes=check_runtimes(
            candidate.flatbuffer,
            candidate.network.standardisation,
            faces[:: len(faces) // RUNTIME_CROPS or 1],
        ),
    )
    if reference.evaluation is not None:
        scores = _scores(reference.evaluation, file_predictor(candidate.packed), size_px)
        found = replace(found, nme_percent=scores)
    return replace(found, failures=tuple(_failures(found, reference.nme_percent, size_px)))


def _failures(
    found: Verification, keras_nme: dict[str, float] | None, size_px: int
) -> Iterator[str]:
    limits, agreement, operators = LIMITS[found.variant], found.agreement, found.operators
    assert agreement is not None and operators is not None
    limit_px = limits.mean_px * size_px / LIMIT_CROP_PX
    if not agreement.mean_px <= limit_px:
        yield (
            f"its points are {agreement.mean_px:.3f} px from Keras on average, {limit_px:.3f} px "
            "at most are allowed. Calibrate on more faces (--calibration-crops), or train with "
            "quantization in mind (face520-convert qat)."
        )
    for name, apart in agreement.outputs.items():
        allowed = limits.outputs[name]
        if not (apart.mean <= allowed.mean and apart.worst <= allowed.worst):
            yield (
                f"its {name} differs from Keras by {apart.mean:.4f} on average and up to "
                f"{apart.worst:.3f} on faces, {allowed.mean} and {allowed.worst} at most are "
                "allowed."
            )
    if found.nme_percent is not None and keras_nme is not None:
        loss = found.nme_percent["mean"] - keras_nme["mean"]
        if not loss <= limits.nme_percent:
            yield (
                f"its NME is {loss:.3f} above that of Keras, {limits.nme_percent} at most are "
                "allowed. Train with quantization in mind (face520-convert qat)."
            )
    if found.variant in INTEGER_VARIANTS and operators.float_computations:
        yield f"it computes in float: {', '.join(operators.float_computations[:5])}."
    if found.variant == "int8-strict" and operators.float_operators:
        yield f"it holds float operators: {', '.join(operators.float_operators[:5])}."


def _scores(folder: Path, predict: Predictor, size_px: int) -> dict[str, float]:
    """NME in % by range of |yaw|, those without a face left out, and their mean."""
    found = evaluate(read_folder(folder), predict, size_px).scores
    bins = {one.yaw_range: one.nme_percent for one in found.bins if one.nme_percent is not None}
    return bins | {"mean": found.headline_nme_percent}
