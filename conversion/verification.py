"""Checks a .tflite file against the Keras model it came from, on real crops, in px."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversion.converter import ConversionError, Variant
from edge_runtime.crop import CropRegion, from_crop_units
from edge_runtime.face_landmarker import FaceLandmarker
from training.model import network_input
from training.standardisation import Standardisation

# Mean distance to Keras, in px of a 120 px crop, past which a file is not written. Float differs by
# rounding alone; post-training int8 of the main model measured 0.5.
MEAN_LIMIT_PX: dict[Variant, float] = {"float32": 0.01, "int8": 1.0}
LIMIT_CROP_PX = 120


@dataclass(frozen=True)
class Agreement:
    """Distance between the file's points and Keras' points, in px of the model's own crop."""

    crops: int
    mean_px: float
    p99_px: float
    max_px: float


def measure_agreement(
    model: Any, standardisation: Standardisation, tflite_path: Path, crops: NDArray[np.uint8]
) -> Agreement:
    """Run both on RGB crops (C, S, S, 3) and compare xy of all landmarks.

    The file goes through `FaceLandmarker`, so its contract is checked as well as its network.
    """
    size_px = crops.shape[1]
    expected = np.asarray(model.predict(network_input(crops), verbose=0)["landmarks"])
    expected_px = from_crop_units(standardisation.undo(expected), size_px)[..., :2]
    whole = CropRegion((size_px - 1) / 2, (size_px - 1) / 2, size_px)
    with FaceLandmarker.create(tflite_path) as landmarker:
        found_px = np.stack([landmarker.landmarks_in(c, whole).points[:, :2] for c in crops])
    distance = np.linalg.norm(found_px - expected_px, axis=-1)
    return Agreement(
        crops=len(crops),
        mean_px=float(distance.mean()),
        p99_px=float(np.percentile(distance, 99)),
        max_px=float(distance.max()),
    )


def require_agreement(agreement: Agreement, variant: Variant, size_px: int) -> None:
    """Raise ConversionError when a variant is further from Keras than it may be."""
    limit_px = MEAN_LIMIT_PX[variant] * size_px / LIMIT_CROP_PX
    if not agreement.mean_px <= limit_px:
        raise ConversionError(
            f"{variant}: the converted model is {agreement.mean_px:.3f} px from Keras on average, "
            f"{limit_px:.3f} px at most are allowed. Nothing was written. "
            "Calibrate on more faces (--calibration-crops), or train with quantization in mind."
        )
