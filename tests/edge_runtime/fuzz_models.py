"""Loads damaged models one after another and runs them: python fuzz_models.py MODEL COUNT SEED

Prints a line before and after each, so that whoever started it sees where it died.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from edge_runtime import FaceLandmarker, ModelFileError, read_image
from edge_runtime.photos import DEMO_PHOTO


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """A copy cut short, or with bytes changed, blanked or moved."""
    copy = bytearray(content)
    kind = rng.integers(4)
    at = int(rng.integers(len(copy)))
    if kind == 0:
        return bytes(copy[:at])
    if kind == 1:
        for place in rng.integers(0, len(copy), int(rng.integers(1, 30))):
            copy[place] = int(rng.integers(256))
    elif kind == 2:
        copy[at : at + int(rng.integers(1, 5000))] = b""
    else:
        length = min(int(rng.integers(1, 5000)), len(copy) - at)
        copy[at : at + length] = bytes(length)
    return bytes(copy)


def main() -> None:
    content, count, seed = Path(sys.argv[1]).read_bytes(), int(sys.argv[2]), int(sys.argv[3])
    photo = read_image(DEMO_PHOTO)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        for number in range(seed, seed + count):
            path.write_bytes(damaged(content, np.random.default_rng(number)))
            print("start", number, flush=True)
            try:
                with FaceLandmarker.create(path, num_threads=1) as landmarker:
                    landmarker.detect(photo)
                print("ran", number, flush=True)
            except ModelFileError:
                print("refused", number, flush=True)


if __name__ == "__main__":
    main()
