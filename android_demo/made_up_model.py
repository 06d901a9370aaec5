"""A landmark model that answers with more than a released one does: made-up expression, visibility
and an output of a later version, `gaze`. Points and presence are the network's own.

Released models know all blendshapes or none, and no output that this version does not: the Kotlin
port is checked against this one too.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from edge_runtime.arrays import FloatArray
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.layout import layout520
from edge_runtime.network.contract import CONTRACT_FILE, CONTRACT_VERSION, ModelContract
from edge_runtime.network.runtimes import Runtime

UNKNOWN = tuple(name for name in BLENDSHAPE_NAMES if name.startswith("eyeLook"))
SIZES = {"expression": len(BLENDSHAPE_NAMES), "visibility": len(layout520()), "gaze": 3}
FIRST_INDEX = 100_000  # of made-up tensors


def write_made_up_model(folder: Path, model: Path) -> Path:
    """Write a model's flatbuffer with a contract that names the made-up outputs too."""
    contract = ModelContract.read(model)
    with zipfile.ZipFile(model) as archive:
        flatbuffer = model.read_bytes()[: archive.getinfo(CONTRACT_FILE).header_offset]
    path = folder / "face520_made_up.tflite"
    path.write_bytes(flatbuffer)
    stored = json.loads(contract.to_json()) | {
        "contract_version": CONTRACT_VERSION,
        "outputs": [*contract.outputs, *_missing(contract)],
        "unknown_blendshapes": UNKNOWN,
        "flatbuffer_sha256": "",
    }
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CONTRACT_FILE, json.dumps(stored))
    return path


@contextmanager
def made_up_outputs(model: Path) -> Iterator[None]:
    """Within it, this model, one of `write_made_up_model`, answers with what its contract names."""
    runtime = Runtime.first()
    with zipfile.ZipFile(model) as archive:
        start = archive.infolist()[0].header_offset
    missing = [name for name in ModelContract.read(model).outputs if name in SIZES]
    flatbuffer = model.read_bytes()[:start]
    with patch.object(Runtime, "first", lambda: _Runtime(runtime, flatbuffer, missing)):
        yield


def _missing(contract: ModelContract) -> list[str]:
    return [name for name in SIZES if name not in contract.outputs]


class _Runtime:
    def __init__(self, runtime: Runtime, flatbuffer: bytes, names: list[str]) -> None:
        self.name = runtime.name
        self._runtime, self._flatbuffer, self._names = runtime, flatbuffer, names

    def load(self, content: bytes, num_threads: int) -> Any:
        loaded = self._runtime.load(content, num_threads)
        is_made_up = content.startswith(self._flatbuffer)
        return _Interpreter(loaded, self._names) if is_made_up else loaded


class _Interpreter:
    """The interpreter of the flatbuffer; made-up values change slowly from run to run."""

    def __init__(self, loaded: Any, names: list[str]) -> None:
        self._loaded = loaded
        real = {int(np.prod(details["shape"])) for details in loaded.get_output_details()}
        self._sizes = [SIZES[name] for name in names if SIZES[name] not in real]
        self._runs = 0

    def get_input_details(self) -> Any:
        return self._loaded.get_input_details()

    def get_output_details(self) -> Any:
        made_up = [
            {
                "name": f"made_up_{number}",
                "index": FIRST_INDEX + number,
                "shape": np.array([1, size]),
                "dtype": np.float32,
                "quantization": (0.0, 0),
            }
            for number, size in enumerate(self._sizes)
        ]
        return [*self._loaded.get_output_details(), *made_up]

    def tensor(self, index: int) -> Any:
        return self._loaded.tensor(index)

    def invoke(self) -> None:
        self._loaded.invoke()
        self._runs += 1

    def get_tensor(self, index: int) -> Any:
        if index < FIRST_INDEX:
            return self._loaded.get_tensor(index)
        return self._values(self._sizes[index - FIRST_INDEX])

    def _values(self, size: int) -> FloatArray:
        values = 0.5 + 0.5 * np.sin(0.3 * self._runs + 1.7 * np.arange(size))
        return np.asarray(values[None], np.float32)
