"""The contract a face520 .tflite file carries: how to feed it and what its numbers mean."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.arrays import FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.crop import SIDE_OVER_BOX
from edge_runtime.errors import ModelFileError

# The file that TFLite metadata associates with the model: a zip archive behind the flatbuffer.
CONTRACT_FILE = "face520.json"
# Version 1 had has_presence in place of outputs, and no other output; 2 no expression_at_rest.
CONTRACT_VERSION = 3
READABLE_VERSIONS = (1, 2, CONTRACT_VERSION)
CROP_RULE = "landmark_box_square"


@dataclass(frozen=True, eq=False)
class ModelContract:
    """What the runtime must know of a model.

    Input: RGB crop (1, input_size_px, input_size_px, 3), (value - input_mean) / input_std.
    outputs: their names, in the file's own order. "landmarks" (1, N, 3) is always there: times
    output_std plus output_mean (both (N, 3)) in crop units, 0 at the crop's centre and 1 its side.
    "presence" (1, 1): probability of a face. "expression" (1, 52): the coefficients that
    `blendshapes.py` names, 0 to 1; those in unknown_blendshapes mean nothing, and the file says
    expression_at_rest (52, or empty for zeros) of faces at rest. "visibility" (1, N): probability
    that the camera sees the landmark. Other names are a later version's: see unknown_outputs.
    flatbuffer_sha256: of the file up to the archive that holds the contract, ""
    where it is not told; interpreters crash on some damaged models.
    """

    model_name: str
    model_version: str
    layout: str
    input_size_px: int
    input_mean: float
    input_std: float
    output_mean: FloatArray
    output_std: FloatArray
    outputs: tuple[str, ...]
    training_data: str
    licence: str
    unknown_blendshapes: tuple[str, ...] = ()
    expression_at_rest: tuple[float, ...] = ()
    accuracy: dict[str, float] = field(default_factory=dict)
    flatbuffer_sha256: str = ""
    crop_rule: str = CROP_RULE
    crop_side_over_box: float = SIDE_OVER_BOX
    contract_version: int = CONTRACT_VERSION

    @property
    def has_presence(self) -> bool:
        return "presence" in self.outputs

    @property
    def output_sizes(self) -> dict[str, int]:
        """Values of each output that this version of face520 knows, whether the file has it or not.

        By these, outputs are found in a file: converters rename them.
        """
        count = len(self.output_mean)
        return {
            "landmarks": 3 * count,
            "presence": 1,
            "expression": len(BLENDSHAPE_NAMES),
            "visibility": count,
        }

    @property
    def unknown_outputs(self) -> tuple[str, ...]:
        """Outputs of the file that this version of face520 does not know, and does not read."""
        return tuple(name for name in self.outputs if name not in self.output_sizes)

    def to_json(self) -> str:
        """The text of the associated file."""
        stored = asdict(self)
        for name in ("output_mean", "output_std"):
            stored[name] = np.round(getattr(self, name).astype(float), 7).tolist()
        return json.dumps(stored)

    @classmethod
    def from_json(cls, text: str) -> ModelContract:
        """Parse the associated file; raises ValueError, KeyError or TypeError if it is not one."""
        stored: dict[str, Any] = json.loads(text)
        version = stored["contract_version"]
        if version not in READABLE_VERSIONS:
            raise ValueError(
                f"contract version {version}, this version of face520 reads up to "
                f"{CONTRACT_VERSION}: update face520"
            )
        if version == 1:
            stored["outputs"] = ["landmarks"] + ["presence"] * stored.pop("has_presence")
        stored["contract_version"] = CONTRACT_VERSION
        for name in ("output_mean", "output_std"):
            stored[name] = np.array(stored[name], np.float32)
        for name in ("outputs", "unknown_blendshapes"):
            stored[name] = _names(stored.get(name, []), name)
        stored["expression_at_rest"] = tuple(map(float, stored.get("expression_at_rest", [])))
        contract = cls(**stored)
        _check_outputs(contract)
        return contract

    @classmethod
    def read(cls, model_path: Path) -> ModelContract:
        """Read the contract out of a .tflite file.

        Raises ModelFileError when the file is absent, is no TFLite model or carries no contract.
        """
        return cls.from_bytes(read_model(model_path), model_path)

    @classmethod
    def from_bytes(cls, content: bytes, model_path: Path) -> ModelContract:
        """Read the contract out of a file's content; as `read`."""
        if content[4:8] != b"TFL3":
            raise ModelFileError(
                f"{model_path}: not a TensorFlow Lite model. "
                "Give a .tflite file written by face520-convert."
            )
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                contract = cls.from_json(archive.read(CONTRACT_FILE).decode())
                archive_start = min(entry.header_offset for entry in archive.infolist())
        except (zipfile.BadZipFile, KeyError, NotImplementedError, EOFError) as error:
            raise ModelFileError(
                f"{model_path}: a TensorFlow Lite model, but it carries no face520 contract "
                f"({CONTRACT_FILE}). Give a file written by face520-convert."
            ) from error
        except (ValueError, TypeError, RuntimeError, zlib.error) as error:
            raise ModelFileError(
                f"{model_path}: its face520 contract cannot be read ({error}). "
                "Convert the model again with this version of face520-convert."
            ) from error
        stored = contract.flatbuffer_sha256
        if stored and sha256(content[:archive_start]).hexdigest() != stored:
            raise ModelFileError(
                f"{model_path}: damaged, its content is not what was written. "
                "Copy the file again, or reinstall face520."
            )
        return contract


def _names(stored: Any, field_name: str) -> tuple[str, ...]:
    if not isinstance(stored, list) or not all(isinstance(name, str) for name in stored):
        raise ValueError(f"{field_name} is no list of names")
    return tuple(stored)


def _check_outputs(contract: ModelContract) -> None:
    """Raises ValueError where fields contradict each other."""
    outputs, shape = contract.outputs, contract.output_mean.shape
    if len(shape) != 2 or shape[1] != 3 or contract.output_std.shape != shape:
        raise ValueError(f"output_mean is {shape}, output_std {contract.output_std.shape}")
    if "landmarks" not in outputs or len(set(outputs)) < len(outputs):
        raise ValueError(f"outputs {', '.join(outputs)}: landmarks must be one, and none twice")
    foreign = [name for name in contract.unknown_blendshapes if name not in BLENDSHAPE_NAMES]
    if foreign:
        raise ValueError(f"unknown_blendshapes names {foreign[0]!r}, which is no blendshape")
    at_rest = contract.expression_at_rest
    if at_rest and len(at_rest) != len(BLENDSHAPE_NAMES):
        raise ValueError(f"expression_at_rest has {len(at_rest)} values")
    if not all(0 <= value < 1 for value in at_rest):
        raise ValueError("expression_at_rest has values that are not from 0 to 1")


def read_model(model_path: Path) -> bytes:
    """The content of a model file. Raises ModelFileError."""
    if not model_path.is_file():
        raise ModelFileError(f"{model_path}: no such model file. Check the path given to --model.")
    try:
        return model_path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{model_path}: cannot be read ({error.strerror}).") from error
