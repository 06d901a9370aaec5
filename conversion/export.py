"""Exports a trained model: converts, packs the contract, verifies, and only then writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter

from conversion.converter import convert
from conversion.equalisation import equalised
from conversion.errors import ConversionError
from conversion.metadata import contract_of, with_metadata
from conversion.network import Network
from conversion.report.record import ConversionReport, now_utc, tensorflow_version
from conversion.representative import (
    RepresentativeCrops,
    calibration_crops,
    open_crops,
    representative_crops,
)
from conversion.variant import FAKE_QUANT_VARIANTS, INTEGER_VARIANTS, Quantization, Variant
from conversion.verification.agreement import KerasAnswers
from conversion.verification.lite_model import median_ms
from conversion.verification.verification import Candidate, Reference, Verification, verify
from edge_runtime.atomic_file import write_whole
from edge_runtime.errors import ModelFileError
from training.dataset.dataset import Dataset
from training.evaluation.aflw2000 import read_folder
from training.run.trained_model import TrainedModel

VERIFICATION_CROPS = 500
UNQUANTIZED: tuple[Variant, ...] = ("float32", "float16")


@dataclass(frozen=True)
class ExportOptions:
    """Where faces come from and files go.

    dataset: one that `face520-train dataset build` wrote; integer variants that are not trained
    need it for their ranges, without it the others are verified on the open photos that come with
    face520. evaluation: a folder in AFLW2000-3D's format to measure NME on.
    """

    output: Path
    dataset: Dataset | None = None
    evaluation: Path | None = None
    calibration_crops: int = 500


def check_options(
    variants: Sequence[Variant], options: ExportOptions, has_fake_quantized: bool = False
) -> None:
    """Complain of what is missing before the long work begins.

    Raises ConversionError where an integer variant has nothing to calibrate on, DatasetError or
    EvaluationError where a folder is not what it should be.
    """
    ready = FAKE_QUANT_VARIANTS if has_fake_quantized else ()
    needy = [one for one in variants if one in INTEGER_VARIANTS and one not in ready]
    if needy and options.dataset is None:
        raise ConversionError(
            f"{needy[0]} needs real faces to calibrate on. "
            "Pass --dataset with the folder that `face520-train dataset build` wrote."
        )
    if options.dataset is not None:
        for split in ("train", "val"):
            options.dataset.shard_paths(split)
    if options.evaluation is not None:
        next(read_folder(options.evaluation))


def export(
    trained: TrainedModel,
    variants: Sequence[Variant],
    options: ExportOptions,
    on_step: Callable[[str], None],
    fake_quantized: Network | None = None,
) -> ConversionReport:
    """Write <output>/face520_<name>_<variant>.tflite for each variant that passes verification.

    on_step: gets a line before each step. fake_quantized: a network trained with fake-quant nodes,
    from which int8 and int8-strict are converted instead of by calibration. A variant that fails is
    listed in the report. Raises what `check_options` raises, and OutputWriteError.
    """
    start = perf_counter()
    check_options(variants, options, fake_quantized is not None)
    on_step("reading crops")
    networks = _Networks(trained, options, fake_quantized)
    crops = _verification_crops(options, networks.trained.size_px)
    on_step(f"Keras on {len(crops.faces)} crops")
    answers = KerasAnswers.of(networks.trained, crops)
    reference = Reference.of(networks.trained, answers, options.evaluation)
    found, files = [], {}
    for variant in variants:
        file = f"face520_{trained.name}_{variant}.tflite"
        try:
            on_step(f"{variant}: converting")
            candidate = _candidate(trained, variant, networks)
            on_step(f"{variant}: verifying")
            verification = verify(candidate, file, reference)
            files[variant] = candidate
        except (ConversionError, ModelFileError) as error:
            verification = Verification(variant, networks.kind(variant), file, (str(error),))
        found.append(verification)
    on_step("timing")
    accepted = {one.variant: files[one.variant] for one in found if one.passed}
    times = median_ms({v: c.flatbuffer for v, c in accepted.items()}, crops.faces[0])
    for variant, candidate in accepted.items():
        write_whole(options.output / f"face520_{trained.name}_{variant}.tflite", candidate.packed)
    return ConversionReport(
        model_name=trained.name,
        model_version=trained.version,
        size_px=networks.trained.size_px,
        other_outputs=tuple(answers.others),
        calibration=networks.faces_calibrated_on,
        verification=crops.faces_per_yaw,
        negatives=len(crops.negatives),
        keras_nme_percent=reference.nme_percent,
        evaluation=options.evaluation.name if options.evaluation else None,
        variants=tuple(replace(one, latency_ms=times.get(one.variant)) for one in found),
        created=now_utc(),
        seconds=perf_counter() - start,
        tensorflow=tensorflow_version(),
    )


class _Networks:
    """The forms of one trained model that variants are converted from, each made once."""

    def __init__(
        self, trained: TrainedModel, options: ExportOptions, fake_quantized: Network | None
    ) -> None:
        self.trained = Network.of(trained)
        self.options = options
        self.fake_quantized = fake_quantized
        self._float_files: dict[int, bytes] = {}

    @cached_property
    def calibration(self) -> RepresentativeCrops:
        assert self.options.dataset is not None
        return calibration_crops(self.trained, self.options.dataset, self.options.calibration_crops)

    @property
    def faces_calibrated_on(self) -> dict[str, int]:
        """By range of |yaw|; empty where nothing was calibrated."""
        return self.calibration.faces_per_yaw if "calibration" in vars(self) else {}

    @cached_property
    def even(self) -> Network:
        return equalised(self.trained, self.calibration.faces)

    def kind(self, variant: Variant) -> Quantization:
        if variant in INTEGER_VARIANTS:
            is_trained = self.fake_quantized is not None and variant in FAKE_QUANT_VARIANTS
            return "qat" if is_trained else "ptq"
        return "none"

    def of(self, variant: Variant) -> Network:
        """What a variant is converted from."""
        if self.kind(variant) == "qat" and self.fake_quantized is not None:
            return self.fake_quantized
        if variant in UNQUANTIZED or self.options.dataset is None:
            return self.trained
        return self.even

    def float_file(self, network: Network) -> bytes:
        """The network as float32, to compare layers with."""
        if id(network) not in self._float_files:
            self._float_files[id(network)] = convert(network.model, "float32", None)
        return self._float_files[id(network)]


def _candidate(trained: TrainedModel, variant: Variant, networks: _Networks) -> Candidate:
    network, kind = networks.of(variant), networks.kind(variant)
    float_file = networks.float_file(network)
    if variant == "float32":
        flatbuffer = float_file
    else:
        crops = networks.calibration.faces if kind == "ptq" else None
        flatbuffer = convert(network.model, variant, crops)
    packed = with_metadata(flatbuffer, contract_of(trained, network))
    return Candidate(variant, kind, network, flatbuffer, packed, float_file)


def _verification_crops(options: ExportOptions, size_px: int) -> RepresentativeCrops:
    if options.dataset is None:
        return open_crops(size_px)
    return representative_crops(options.dataset, "val", VERIFICATION_CROPS, size_px)
