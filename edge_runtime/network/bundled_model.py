"""The models that come with the runtime, and which file of main's this processor runs faster."""

from __future__ import annotations

import platform
from pathlib import Path

MODELS_FOLDER = Path(__file__).parents[1] / "models"
PREFIX, SUFFIX = "face520_", ".tflite"
MODEL_PATH = MODELS_FOLDER / "face520_main_int8.tflite"
FLOAT_MODEL_PATH = MODELS_FOLDER / "face520_main_float16.tflite"
CPUINFO = Path("/proc/cpuinfo")
# As Linux names them: instructions of x86 that multiply and add 8-bit numbers four at a time, and
# those that work on 64 of them at once.
FAST_INTEGERS = {"avx_vnni", "avx512_vnni", "avx512bw"}
WIDE_FLOATS = "avx"


def bundled_models() -> dict[str, Path]:
    """The landmark models by name, such as main_int8."""
    files = sorted(MODELS_FOLDER.glob(f"{PREFIX}*{SUFFIX}"))
    return {path.stem.removeprefix(PREFIX): path for path in files}


def model_file(name_or_path: str | Path) -> Path:
    """The file of a bundled model's name; anything else is taken for a path."""
    return bundled_models().get(str(name_or_path)) or Path(name_or_path)


def faster_model(cpuinfo: Path = CPUINFO, machine: str | None = None) -> Path:
    """Main's int8 file, or its float16 file where that is the faster one.

    That is so on x86 with AVX or AVX2 and neither AVX-512 nor an 8-bit dot product (`face520-bench
    compare main_int8 main_float16 --instruction-set avx2`). Without AVX, on ARM of every kind, and
    where the system does not tell, it is int8. machine: as `platform.machine()`, by default this
    one's.
    """
    if (machine or platform.machine()).lower() not in ("x86_64", "amd64", "i686", "i386"):
        return MODEL_PATH
    flags = processor_flags(cpuinfo)
    return FLOAT_MODEL_PATH if WIDE_FLOATS in flags and not flags & FAST_INTEGERS else MODEL_PATH


def processor_flags(cpuinfo: Path = CPUINFO) -> set[str]:
    """The first x86 processor's features (proc(5)); none where there is no such file."""
    try:
        with cpuinfo.open(errors="replace") as lines:
            return next((set(line.split()) for line in lines if line.startswith("flags")), set())
    except OSError:
        return set()
