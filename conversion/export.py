"""Exports a trained model: converts, packs the contract, verifies, and only then writes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conversion.converter import Variant, build_for_conversion, convert
from conversion.metadata import contract_of, with_metadata
from conversion.representative import representative_crops
from conversion.verification import Agreement, measure_agreement, require_agreement
from edge_runtime.atomic_file import write_whole
from edge_runtime.image_reader import read_image
from edge_runtime.photos import DEMO_PHOTO
from training.trained_model import TrainedModel

CALIBRATION_CROPS = 500
VERIFICATION_CROPS = 200


@dataclass(frozen=True)
class ExportedFile:
    """One verified .tflite file."""

    path: Path
    variant: Variant
    size_bytes: int
    agreement: Agreement


def export(
    trained: TrainedModel,
    variants: Sequence[Variant],
    output: Path,
    dataset: Path | None,
    on_step: Callable[[str], None],
    calibration_crops: int = CALIBRATION_CROPS,
) -> list[ExportedFile]:
    """Write <output>/face520_<name>_<variant>.tflite for each variant.

    on_step hears what is being done. Raises ConversionError when a variant fails verification;
    files verified before it stay.
    """
    model = build_for_conversion(trained)
    contract = contract_of(trained)
    size_px = trained.config.input_size_px
    on_step("reading crops")
    calibration = None
    if dataset is not None:
        calibration = representative_crops(dataset, "train", calibration_crops, size_px)
    checks = _verification_crops(dataset, size_px)
    files = []
    for variant in variants:
        on_step(f"{variant}: converting")
        packed = with_metadata(convert(model, variant, calibration), contract)
        on_step(f"{variant}: comparing with Keras on {len(checks)} crops")
        with tempfile.TemporaryDirectory() as scratch:
            candidate = Path(scratch) / "candidate.tflite"
            candidate.write_bytes(packed)
            agreement = measure_agreement(model, trained.standardisation, candidate, checks)
        require_agreement(agreement, variant, size_px)
        path = output / f"face520_{trained.name}_{variant}.tflite"
        write_whole(path, packed)
        files.append(ExportedFile(path, variant, len(packed), agreement))
    return files


def _verification_crops(dataset: Path | None, size_px: int) -> NDArray[np.uint8]:
    """Held-out faces; without a dataset, squares of the bundled photo."""
    if dataset is not None:
        return representative_crops(dataset, "val", VERIFICATION_CROPS, size_px)
    photo = read_image(DEMO_PHOTO)
    corners = range(0, min(photo.shape[:2]) - size_px, size_px // 2)
    return np.stack([photo[y : y + size_px, x : x + size_px] for y in corners for x in corners])
