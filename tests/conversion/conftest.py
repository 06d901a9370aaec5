"""A network small enough for a test, with a presence output and made-up weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from conversion.network import Network
from edge_runtime import layout520
from edge_runtime.crop import to_crop_units
from tests.tiny_network import TINY
from training.network.model import build_model, network_input
from training.network.regressor_config import DetailBranch, RegressorConfig
from training.network.standardisation import Standardisation
from training.run.trained_model import TrainedModel

SIZE_PX = TINY.input_size_px


@pytest.fixture(scope="session")
def release_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release folder: random weights, batch norms that have seen pictures."""
    config = replace(TINY, has_presence=True)
    return made_release(tmp_path_factory.mktemp("release"), "tiny", config)


@pytest.fixture(scope="session")
def lively_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of a model with a detail branch and every output."""
    config = RegressorConfig(
        width=0.125,
        input_size_px=SIZE_PX,
        head_rank=8,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=4,
        detail=DetailBranch(channels=4, step=2, rank=8),
    )
    return made_release(tmp_path_factory.mktemp("lively"), "lively", config)


def made_release(folder: Path, name: str, config: RegressorConfig) -> Path:
    import keras

    keras.utils.set_random_seed(520)
    model = build_model(config, keras)
    for layer in model.layers:
        if "batch" in type(layer).__name__.lower():
            layer.momentum = 0.0
    model(network_input(smooth_pictures()), training=True)
    # Random heads swing wider than trained ones, and rounding swings with them.
    for output in config.further_outputs:
        head = model.get_layer(f"{output}_map")
        head.set_weights([weight * 0.25 for weight in head.get_weights()])
    weights = folder / "all.weights.h5"
    model.save_weights(weights)
    shape = to_crop_units(layout520().mean_shape * 30 + SIZE_PX / 2, SIZE_PX)
    spread = np.full_like(shape, 0.03)
    trained = TrainedModel(
        name=name,
        version="0.1.0",
        config=config,
        standardisation=Standardisation(shape, spread),
        weights=weights,
        provenance={"layout": layout520().reference},
        scores={},
    )
    trained.release(folder / name, name, "0.1.0", {"val_nme_percent": 12.5})
    return folder / name


@pytest.fixture(scope="session")
def trained(release_path: Path) -> TrainedModel:
    return TrainedModel.open(release_path)


@pytest.fixture(scope="session")
def network(trained: TrainedModel) -> Network:
    return Network.of(trained)


@pytest.fixture(scope="session")
def crops() -> np.ndarray:
    return smooth_pictures()


@pytest.fixture(scope="session")
def lively(lively_path: Path) -> TrainedModel:
    return TrainedModel.open(lively_path)


@pytest.fixture(scope="session")
def lively_network(lively: TrainedModel) -> Network:
    return Network.of(lively)


def smooth_pictures() -> np.ndarray:
    """Smooth random pictures (24, 64, 64, 3)."""
    coarse = np.random.default_rng(3).integers(0, 256, (24, 6, 6, 3), dtype=np.uint8)
    size = (SIZE_PX, SIZE_PX)
    return np.stack([cv2.resize(one, size, interpolation=cv2.INTER_CUBIC) for one in coarse])
