"""The .tflite files a benchmark can name: face520's own, MediaPipe's, or any path."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from benchmarks.errors import BenchmarkError
from edge_runtime.network.bundled_model import PREFIX, bundled_models, model_file

MEDIAPIPE = "mediapipe"
MEDIAPIPE_ABSENT = (
    'mediapipe: no installed wheel with its models. Run: pip install "mediapipe>=0.10.14,<0.10.22"'
)
# Inside the mediapipe wheel up to 0.10.21; 468 points from a 192 px crop.
MEDIAPIPE_FILE = Path("modules") / "face_landmark" / "face_landmark.tflite"


@dataclass(frozen=True)
class ModelFile:
    """A .tflite file and the name it has in tables."""

    name: str
    path: Path

    @classmethod
    def find(cls, name_or_path: str) -> ModelFile:
        """A path, "mediapipe", or a released model such as "main_int8".

        Raises BenchmarkError when there is no such file or it is no TFLite model.
        """
        if name_or_path == MEDIAPIPE:
            return cls(MEDIAPIPE, _mediapipe_path())
        path = model_file(name_or_path)
        if not path.is_file():
            known = ", ".join([model.name for model in released_models()] + [MEDIAPIPE])
            raise BenchmarkError(
                f"{name_or_path}: no such model. Give a .tflite file, or one of {known}."
            )
        with path.open("rb") as file:
            # tflite-runtime crashes on what is no flatbuffer, so nothing else is opened.
            if file.read(8)[4:] != b"TFL3":
                raise BenchmarkError(
                    f"{path}: not a TensorFlow Lite model. Give a file that ends in .tflite and "
                    "was written by a converter."
                )
        return cls(path.stem.removeprefix(PREFIX), path)

    @property
    def size_bytes(self) -> int:
        return self.path.stat().st_size

    @property
    def sha256(self) -> str:
        return sha256(self.path.read_bytes()).hexdigest()


def released_models() -> list[ModelFile]:
    """The face520 models that come with the runtime, by name."""
    return [ModelFile(name, path) for name, path in bundled_models().items()]


def mediapipe_is_installed() -> bool:
    """Whether a mediapipe wheel with bundled models is installed."""
    try:
        return _mediapipe_path().is_file()
    except BenchmarkError:
        return False


def _mediapipe_path() -> Path:
    # Found without importing: mediapipe's import costs seconds and loads TensorFlow Lite twice.
    spec = find_spec("mediapipe")
    folders = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        path = Path(folder) / MEDIAPIPE_FILE
        if path.is_file():
            return path
    raise BenchmarkError(MEDIAPIPE_ABSENT)
