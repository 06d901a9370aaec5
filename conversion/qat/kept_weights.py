"""What a release's int8 file is made of, beside the release: weights in 8 bits, biases, ranges.

The file is about as large as the kernels' int8 codes, packed. No photo is needed to convert it, and
the same bytes come out on every machine: nothing is left to compute but exact products.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import numpy as np
import tensorflow as tf

from conversion.errors import QatError
from conversion.folded_model import folded
from conversion.layer_graph import GraphModel
from conversion.network import Network
from conversion.qat.fake_quant import STRETCH_RATE, WEIGHT_STEPS, fake_quant, largest_weights
from conversion.qat.folder import kept_path
from edge_runtime.arrays import FloatArray
from edge_runtime.atomic_file import write_whole
from training.dataset.data_source import DataSource
from training.dataset.manifest import file_sha256
from training.network.keras_model import KerasLayer, Tensor
from training.network.standardisation import Standardisation
from training.run.trained_model import TrainedModel

CODES, LARGEST, VALUES = "codes", "largest", "values"


def keep(trained: TrainedModel, network: Network) -> Path:
    """Write a fake-quant network of the model beside its weights; raises OutputWriteError."""
    codes, largest, values = [], [], []
    for layer in network.model.layers:
        for kernel in _kernels(layer):
            top = _largest(kernel)
            codes.append(np.round(kernel.numpy() / (top / WEIGHT_STEPS)).astype(np.int8).ravel())
            largest.append(top.ravel())
        values += [bias.numpy().ravel() for bias in _named(layer, "bias:0")]
        values += [limit.numpy().ravel() for limit in _stretched_range(layer)]
    data = network.quantized_on
    buffer = BytesIO()
    np.savez_compressed(
        buffer,
        model=np.str_(file_sha256(trained.weights)),
        data=np.str_(json.dumps(asdict(data) if data else None)),
        mean=network.standardisation.mean,
        std=network.standardisation.std,
        **{CODES: np.concatenate(codes)},
        **{LARGEST: np.concatenate(largest), VALUES: np.concatenate(values)},
    )
    write_whole(kept_path(trained), buffer.getvalue())
    return kept_path(trained)


def kept_network(trained: TrainedModel) -> Network | None:
    """The fake-quant network that was kept with a model, to convert to int8; None without one.

    Raises QatError for a damaged file, or one that was kept for other weights.
    """
    path = kept_path(trained)
    if not path.is_file():
        return None
    model = fake_quant(folded(Network.of(trained).model))
    try:
        with np.load(path) as stored:
            if str(stored["model"]) != file_sha256(trained.weights):
                raise QatError(
                    f"{path}: was made of other weights than {trained.weights.name} beside it. "
                    "Train again with `face520-convert qat` and keep that, or remove the file."
                )
            _fill(model, {name: stored[name] for name in (CODES, LARGEST, VALUES)})
            standardisation = Standardisation(stored["mean"], stored["std"])
            # Files of 1.3.0 do not tell.
            data = json.loads(str(stored["data"])) if "data" in stored else None
            return Network(model, standardisation, DataSource(**data) if data else None)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise QatError(
            f"{path}: cannot be read ({error}). Take the release again, or write the file anew "
            "with `face520-convert keep`."
        ) from error


def _fill(model: GraphModel, stored: dict[str, FloatArray]) -> None:
    """Raises ValueError where there are more or fewer numbers than the model has."""
    used = dict.fromkeys(stored, 0)

    def taken(kind: str, shape: tuple[int, ...]) -> FloatArray:
        first = used[kind]
        used[kind] += int(np.prod(shape))
        return stored[kind][first : used[kind]].reshape(shape)

    for layer in model.layers:
        for kernel in _kernels(layer):
            codes = taken(CODES, tuple(kernel.shape))
            top = taken(LARGEST, _largest(kernel).shape)
            # The largest exactly, so that the graph finds the same step again.
            is_end = np.abs(codes) == WEIGHT_STEPS
            kernel.assign(np.where(is_end, np.sign(codes) * top, codes * (top / WEIGHT_STEPS)))
        limits = [*_named(layer, "bias:0"), *_named(layer, "_min:0"), *_named(layer, "_max:0")]
        for variable in limits:
            variable.assign(taken(VALUES, tuple(variable.shape)))
    if used != {kind: len(values) for kind, values in stored.items()}:
        raise ValueError(f"it holds another network than {model.name}")


def _stretched_range(layer: KerasLayer) -> list[Tensor]:
    """Smallest and largest value of what a layer rounds; one that is fixed was never stretched."""
    ends = [*_named(layer, "_min:0"), *_named(layer, "_max:0")]
    stretch = _named(layer, "_stretch:0")
    return [end * tf.exp(STRETCH_RATE * stretch[0]) for end in ends]


def _largest(kernel: Tensor) -> FloatArray:
    is_depthwise = kernel.name.startswith("depthwise")
    return np.asarray(largest_weights(kernel, is_depthwise), np.float32)


def _kernels(layer: KerasLayer) -> list[Tensor]:
    return _named(layer, "kernel:0")


def _named(layer: KerasLayer, ending: str) -> list[Tensor]:
    return [variable for variable in layer.weights if variable.name.endswith(ending)]
