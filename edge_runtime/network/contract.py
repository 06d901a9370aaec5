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
from edge_runtime.crop import SIDE_OVER_BOX
from edge_runtime.errors import ModelFileError

# The file that TFLite metadata associates with the model: a zip archive behind the flatbuffer.
CONTRACT_FILE = "face520.json"
CONTRACT_VERSION = 1
CROP_RULE = "landmark_box_square"


@dataclass(frozen=True, eq=False)
class ModelContract:
    """What the runtime must know of a model.

    Input: RGB crop (1, input_size_px, input_size_px, 3), (value - input_mean) / input_std.
    Output "landmarks" (1, N, 3): times output_std plus output_mean (both (N, 3)) in crop units,
    0 at the crop's centre and 1 its side. Output "presence" (1, 1), if has_presence: a probability.
    flatbuffer_sha256: of the file up to the archive that holds the contract, "" where it is not
    told; interpreters crash on some damaged models.
    """

    model_name: str
    model_version: str
    layout: str
    input_size_px: int
    input_mean: float
    input_std: float
    output_mean: FloatArray
    output_std: FloatArray
    has_presence: bool
    training_data: str
    licence: str
    accuracy: dict[str, float] = field(default_factory=dict)
    flatbuffer_sha256: str = ""
    crop_rule: str = CROP_RULE
    crop_side_over_box: float = SIDE_OVER_BOX
    contract_version: int = CONTRACT_VERSION

    def to_json(self) -> str:
        """The text of the associated file."""
        stored = asdict(self)
        for name in ("output_mean", "output_std"):
            stored[name] = np.round(getattr(self, name).astype(float), 7).tolist()
        return json.dumps(stored)

    @classmethod
    def from_json(cls, text: str) -> ModelContract:
        """Parse the associated file; raises ValueError or KeyError when it is not one."""
        stored: dict[str, Any] = json.loads(text)
        if stored["contract_version"] != CONTRACT_VERSION:
            raise ValueError(f"contract version {stored['contract_version']}")
        for name in ("output_mean", "output_std"):
            stored[name] = np.array(stored[name], np.float32)
        return cls(**stored)

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


def read_model(model_path: Path) -> bytes:
    """The content of a model file. Raises ModelFileError."""
    if not model_path.is_file():
        raise ModelFileError(f"{model_path}: no such model file. Check the path given to --model.")
    try:
        return model_path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{model_path}: cannot be read ({error.strerror}).") from error
