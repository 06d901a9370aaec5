"""`python -m benchmarks.network_cost build/arm`: what other networks would cost.

Every candidate is built with random weights and converted to int8. Beside MediaPipe's landmark
network it is timed here, in turns, with all of the processor's instructions and with AVX2 alone,
and counted on emulated ARM cores; build/arm is what `bash tests/arm/prepare.sh` makes. It tells
which candidates to train, not what they would score.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

import numpy as np

from benchmarks.arm_cores import ARM_CORES
from benchmarks.model_file import MEDIAPIPE, ModelFile
from benchmarks.operators.arm_emulation import ArmEmulation
from benchmarks.operators.operators import read_operators
from benchmarks.report.number_format import millions, three_digits
from benchmarks.studies.study import print_study
from benchmarks.timing.comparison import Contender, compare
from benchmarks.timing.engine import EngineOptions

# The harness runs on devices that have neither of them.
if TYPE_CHECKING:
    from conversion.layer_graph import GraphModel
    from training.network.regressor_config import RegressorConfig

CORES = tuple(core for core in ARM_CORES if core.name in ("cortex-a72", "cortex-a76"))
INSTRUCTION_SETS = ("", "avx2")
BASES = ("main_whole", "small_whole")
# Of a sixteenth there are five blocks, 7 to 11; 3 is at a quarter, 5 at an eighth, 13 at the end.
FEWER_BLOCKS = ((3,), (8, 10), (8, 9, 10), (3, 8, 10), (3, 8, 9, 10), (3, 5, 8, 10), (8, 10, 13))


def candidates() -> Iterator[tuple[str, RegressorConfig]]:
    """Changes of main and small, one at a time and together, each with its name."""
    from training.experiment import load_experiment

    for base in BASES:
        whole = load_experiment(base).model
        name, side = base.removesuffix("_whole"), whole.input_size_px - 8
        yield name, whole
        yield f"{name}, {side} px", replace(whole, input_size_px=side)
        yield f"{name}, without 1", replace(whole, left_out=(1,))
        yield f"{name}, without 8 10", replace(whole, left_out=(8, 10))
        fewer = load_experiment(f"{name}_narrow").model.channels
        yield f"{name}, fewer channels", replace(whole, channels=fewer)
        patches = replace(whole, has_batch_norm=False, patch_stem=True)
        yield f"{name}, patches", patches
        yield f"{name}, patches, {side} px", replace(patches, input_size_px=side)
        yield f"{name}, patches, 3 twice", replace(patches, repeated=(3,))
        yield f"{name}, patches, 5 twice", replace(patches, repeated=(5,))
        for blocks in FEWER_BLOCKS:
            without = " ".join(map(str, blocks))
            yield f"{name}, patches, without {without}", replace(patches, left_out=blocks)


def lines(machine: Path) -> Iterator[str]:
    """What to print. Raises Face520Error."""
    from training.keras_backend import load_tensorflow

    columns = (*(one or "time here" for one in INSTRUCTION_SETS), *(core.name for core in CORES))
    yield f"{'ratio to MediaPipe':36}{'MAC':>10}" + "".join(f"{one:>12}" for one in columns)
    load_tensorflow()
    reference = ModelFile.find(MEDIAPIPE)
    with ArmEmulation.start(machine) as emulation, TemporaryDirectory() as scratch:
        of_reference = {core: emulation.count(reference.path, core).executed for core in CORES}
        for number, (name, config) in enumerate(candidates()):
            path = Path(scratch) / f"{number}.tflite"
            path.write_bytes(_int8(config))
            model = ModelFile(name, path)
            counts = [emulation.count(path, core).executed / of_reference[core] for core in CORES]
            shares = (*_times(model, reference), *counts)
            macs = millions(read_operators(model).macs)
            yield f"{name:36}{macs:>10}" + "".join(f"{three_digits(one):>12}" for one in shares)


def _times(model: ModelFile, reference: ModelFile) -> Iterator[float]:
    """The model's time over the reference's with each of INSTRUCTION_SETS."""
    for name in INSTRUCTION_SETS:
        options = EngineOptions(instruction_set=name)
        pair = Contender(model, options), Contender(reference, options)
        yield compare(*pair, seconds=8, in_one_process=False).ratio.ratio


def _int8(config: RegressorConfig) -> bytes:
    """Random weights; the ranges of two crops of noise."""
    import tf_keras

    from conversion.converter import convert
    from training.network.model import build_model

    side = config.input_size_px
    crops = np.random.default_rng(0).integers(0, 256, (2, side, side, 3), np.uint8)
    # tf_keras builds graphs of layers; Keras 3 would not.
    return convert(cast("GraphModel", build_model(config, tf_keras)), "int8", crops)


if __name__ == "__main__":
    print_study("benchmarks.network_cost build/arm", lines)
