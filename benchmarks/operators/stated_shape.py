"""Models that leave their input's shape open, as files of one shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.errors import BenchmarkError
from benchmarks.model_file import ModelFile
from benchmarks.operators.cut_models import parse_model, write_model
from benchmarks.timing.engine import Engine, EngineOptions


@contextmanager
def stated_shape(
    models: Sequence[ModelFile], shape: tuple[int, ...], instruction_set: str = ""
) -> Iterator[list[ModelFile]]:
    """Those that leave their shape open, as files with that shape for a while; others as before.

    shape: empty for none. instruction_set: of the process, which is chosen once. Raises
    BenchmarkError where the shape fits no model, or one leaves it open and there is none; and what
    `parse_model` raises.
    """
    if not shape:
        for model in models:
            Engine(model.path, EngineOptions(xnnpack=False, instruction_set=instruction_set))
        yield list(models)
        return
    with TemporaryDirectory() as scratch:
        yield _stated(models, shape, instruction_set, Path(scratch))


def _stated(
    models: Sequence[ModelFile], shape: tuple[int, ...], instruction_set: str, folder: Path
) -> list[ModelFile]:
    options = EngineOptions(xnnpack=False, input_shape=shape, instruction_set=instruction_set)
    found, refused = list[ModelFile](), list[BenchmarkError]()
    for model in models:
        try:
            engine = Engine(model.path, options)
        except BenchmarkError as error:
            refused.append(error)
            found.append(model)
            continue
        # The interpreter has worked out what follows from the input's shape.
        shapes = {one["index"]: one["shape"] for one in engine.interpreter.get_tensor_details()}
        parsed, _ = parse_model(model)
        for index, tensor in enumerate(parsed.subgraphs[0].tensors):
            tensor.shape, tensor.shapeSignature = list(map(int, shapes[index])), None
        name = EngineOptions(input_shape=shape).named(model.name)
        found.append(ModelFile(name, write_model(parsed, folder / f"{name}.tflite")))
    if len(refused) == len(models):
        raise refused[0]
    return found
