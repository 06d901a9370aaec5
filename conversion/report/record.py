"""What a conversion did and found, as one record; the JSON file is this record."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

from conversion.verification.verification import Verification

SCHEMA_VERSION = 2


@dataclass(frozen=True)
class ConversionReport:
    """One run of `face520-convert export`, failed variants included.

    calibration, verification: faces per range of |yaw|. negatives: crops without a face that
    presence was compared on. other_outputs: beside the landmarks. keras_nme_percent: None without
    an evaluation folder.
    """

    model_name: str
    model_version: str
    size_px: int
    other_outputs: tuple[str, ...]
    calibration: dict[str, int]
    verification: dict[str, int]
    negatives: int
    keras_nme_percent: dict[str, float] | None
    evaluation: str | None
    variants: tuple[Verification, ...]
    created: str
    seconds: float
    tensorflow: str
    schema_version: int = SCHEMA_VERSION

    @property
    def passed(self) -> bool:
        return all(variant.passed for variant in self.variants)

    def to_json(self) -> str:
        """The text of the JSON file."""
        stored: dict[str, Any] = asdict(self)
        for record, variant in zip(stored["variants"], self.variants):
            record["passed"] = variant.passed
            if variant.operators is not None:
                record["operators"] |= {
                    "counts": variant.operators.counts,
                    "float_operators": variant.operators.float_operators,
                }
        return json.dumps(stored, indent=1) + "\n"


def now_utc() -> str:
    """The time for `ConversionReport.created`."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def tensorflow_version() -> str:
    """Of the converter that made the files."""
    return version("tensorflow")
