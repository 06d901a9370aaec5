"""Starting from a trained model: the same outputs, another standardisation, a narrower network."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_runtime.arrays import FloatArray, Int64Array
from training.errors import TrainedModelError
from training.network.model import build_model
from training.network.regressor_config import DetailBranch, RegressorConfig
from training.network.standardisation import Standardisation
from training.run.start.start_weights import start_from
from training.run.trained_model import TrainedModel

CONFIG = RegressorConfig(width=0.25, input_size_px=64, head_rank=8)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """Random weights with batch norms that matter."""
    import keras

    keras.utils.set_random_seed(1)
    model = build_model(CONFIG, keras)
    rng = np.random.default_rng(2)
    norms = [one for one in model.layers if isinstance(one, keras.layers.BatchNormalization)]
    for norm in norms:
        norm.momentum = 0.0
    # Statistics of what passes, or nothing of the crops would reach the landmarks.
    model(crops(), training=True)
    for norm in norms:
        moved = [w * rng.uniform(0.8, 1.2, w.shape) for w in norm.get_weights()]
        norm.set_weights(moved)
    path = tmp_path_factory.mktemp("trained") / "model.weights.h5"
    model.save_weights(path)
    standardisation = Standardisation(
        rng.normal(size=(520, 3)).astype(np.float32),
        rng.uniform(0.1, 0.3, (520, 3)).astype(np.float32),
    )
    return TrainedModel("tiny", "1", CONFIG, standardisation, path, {}, {})


def crops(count: int = 8) -> FloatArray:
    return np.random.default_rng(3).normal(size=(count, 64, 64, 3)).astype(np.float32)


def test_the_head_says_the_same_landmarks_in_another_standardisation(trained: TrainedModel) -> None:
    import keras

    other = Standardisation(
        trained.standardisation.mean + np.float32(0.3), trained.standardisation.std * 2
    )
    model = build_model(replace(CONFIG, has_presence=True), keras)
    start_from(model, trained, other, [], keras)
    wanted = trained.standardisation.undo(
        trained.build(keras).predict(crops(), verbose=0)["landmarks"]
    )
    found = other.undo(model.predict(crops(), verbose=0)["landmarks"])
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


def test_batch_norms_become_part_of_the_convolutions(trained: TrainedModel) -> None:
    import keras

    model = build_model(replace(CONFIG, has_batch_norm=False), keras)
    start_from(model, trained, trained.standardisation, [], keras)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)
    wanted, found = (
        one.predict(crops(), verbose=0)["landmarks"] for one in (trained.build(keras), model)
    )
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


def test_slimming_drops_channels_that_do_nothing(trained: TrainedModel, tmp_path: Path) -> None:
    """Half the channels made silent: the half-width network is the same function."""
    import keras

    wide = trained.build(keras)
    narrow_config = replace(CONFIG, width=0.125)
    narrow = build_model(narrow_config, keras)
    rng = np.random.default_rng(4)
    for layer in wide.layers:
        if layer.name.endswith("_bn") and not layer.name.endswith("depthwise_bn"):
            channels = len(layer.get_weights()[0])
            _silence(wide, layer.name, rng.permutation(channels)[: channels // 2])
    path = tmp_path / "silenced.weights.h5"
    wide.save_weights(path)
    silenced = replace(trained, weights=path)
    start_from(narrow, silenced, trained.standardisation, [], keras)
    # The heads' inputs differ in number, so the features are what can be compared.
    features = [
        keras.Model(m.input, m.get_layer("features").output).predict(crops(), verbose=0)
        for m in (wide, narrow)
    ]
    kept = np.abs(features[0]).sum(axis=(0, 1, 2)) > 0
    assert kept.sum() <= features[1].shape[-1]
    np.testing.assert_allclose(
        features[0][..., kept].sum(axis=-1), features[1].sum(axis=-1), rtol=1e-3, atol=1e-4
    )


def _silence(model: Any, batch_norm: str, channels: Int64Array) -> None:
    """No output from these channels of a pointwise layer, nor from the depthwise one after it."""
    names = [batch_norm]
    if batch_norm == "conv1_bn":
        names.append("block01_depthwise_bn")
    elif not batch_norm.startswith("block13"):
        names.append(f"block{int(batch_norm[5:7]) + 1:02d}_depthwise_bn")
    for name in names:
        layer = model.get_layer(name)
        gamma, beta, mean, variance = layer.get_weights()
        gamma[channels], beta[channels] = 0, 0
        layer.set_weights([gamma, beta, mean, variance])


def test_a_slimmed_network_measures_its_batch_norms(trained: TrainedModel) -> None:
    import keras

    model = build_model(replace(CONFIG, width=0.125), keras)
    start_from(model, trained, trained.standardisation, [crops(32), crops(32) * 3], keras)
    first = keras.Model(model.input, model.get_layer("conv1").output)
    sums = [first.predict(batch, verbose=0) for batch in (crops(32), crops(32) * 3)]
    mean = np.mean([s.mean(axis=(0, 1, 2)) for s in sums], axis=0)
    variance = np.mean([s.var(axis=(0, 1, 2)) for s in sums], axis=0)
    norm = model.get_layer("conv1_bn")
    np.testing.assert_allclose(norm.moving_mean, mean, atol=1e-3)
    np.testing.assert_allclose(norm.moving_variance, variance, rtol=1e-2)
    assert norm.momentum == 0.99


def test_a_wider_network_is_refused(trained: TrainedModel) -> None:
    import keras

    model = build_model(replace(CONFIG, width=0.5), keras)
    with pytest.raises(TrainedModelError, match="at least as wide"):
        start_from(model, trained, trained.standardisation, [], keras)


@pytest.mark.parametrize(
    "change",
    [
        {"patch_stem": True},
        {"left_out": (8,)},
    ],
    ids=str,
)
def test_a_changed_network_is_not_slimmed(trained: TrainedModel, change: dict[str, Any]) -> None:
    import keras

    model = build_model(replace(CONFIG, width=0.125, **change), keras)
    with pytest.raises(TrainedModelError, match="only from a mobilenet_v1 as published"):
        start_from(model, trained, trained.standardisation, [], keras)


def test_another_backbone_than_mobilenet_v1_is_gone_on_from(
    trained: TrainedModel, tmp_path: Path
) -> None:
    import keras

    config = RegressorConfig("mobilenet_v2", 0.35, 64, head_rank=8)
    first, model = build_model(config, keras), build_model(config, keras)
    first.save_weights(tmp_path / "first.weights.h5")
    start = replace(trained, config=config, weights=tmp_path / "first.weights.h5")
    start_from(model, start, trained.standardisation, [], keras)
    for mine, theirs in zip(model.get_weights(), first.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_another_backbone_is_refused(trained: TrainedModel) -> None:
    import keras

    model = build_model(RegressorConfig("mobilenet_v2", 0.35, 64, head_rank=8), keras)
    with pytest.raises(TrainedModelError, match="has another backbone"):
        start_from(model, trained, trained.standardisation, [], keras)


def test_a_repeated_block_begins_as_nothing(trained: TrainedModel) -> None:
    """And changes the landmarks as soon as its weights move."""
    import keras

    folded = replace(CONFIG, has_batch_norm=False)
    plain, deeper = (build_model(one, keras) for one in (folded, replace(folded, repeated=(3, 5))))
    for model in (plain, deeper):
        start_from(model, trained, trained.standardisation, [], keras)
    wanted, found = (one.predict(crops(), verbose=0)["landmarks"] for one in (plain, deeper))
    assert (wanted.std(axis=0) > 0.01).all()
    np.testing.assert_array_equal(found, wanted)
    again = deeper.get_layer("block03_again_pointwise")
    again.set_weights([weights * 1.1 for weights in again.get_weights()])
    assert not np.allclose(deeper.predict(crops(), verbose=0)["landmarks"], wanted)


@pytest.mark.parametrize("stride", [4, 8])
def test_a_new_detail_branch_begins_as_nothing(trained: TrainedModel, stride: int) -> None:
    import keras

    detail = DetailBranch(stride=stride, channels=4, step=2, rank=8)
    model = build_model(replace(CONFIG, detail=detail), keras)
    start_from(model, trained, trained.standardisation, [], keras)
    wanted, found = (
        one.predict(crops(), verbose=0)["landmarks"] for one in (trained.build(keras), model)
    )
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("head_rank", [4, 16])
def test_a_new_detail_branch_beside_another_head_keeps_the_backbone(
    trained: TrainedModel, head_rank: int
) -> None:
    import keras

    config = replace(CONFIG, head_rank=head_rank, detail=DetailBranch(channels=4, rank=8))
    model = build_model(config, keras)
    start_from(model, trained, trained.standardisation, [], keras)
    wanted, found = (
        keras.Model(one.input, one.get_layer("features").output).predict(crops(), verbose=0)
        for one in (trained.build(keras), model)
    )
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("side", [64, 96])
def test_codes_that_read_a_map_are_carried_to_another_size(
    trained: TrainedModel, tmp_path: Path, side: int
) -> None:
    """All places together weigh what they did; a branch on another map starts anew."""
    import keras

    detail = DetailBranch(stride=8, channels=4, step=2, rank=8)
    config = replace(CONFIG, detail=detail, has_visibility=True, visibility_channels=4)
    first = build_model(config, keras)
    start_from(first, trained, trained.standardisation, [], keras)
    codes = ("detail_code", "visibility_code", "coordinates")
    rng = np.random.default_rng(5)
    for layer in map(first.get_layer, codes):
        layer.set_weights([rng.normal(size=w.shape) / 8 for w in layer.get_weights()])
    first.save_weights(tmp_path / "first.weights.h5")
    start = replace(trained, config=config, weights=tmp_path / "first.weights.h5")
    larger = build_model(replace(config, input_size_px=side), keras)
    start_from(larger, start, trained.standardisation, [], keras)
    for name in codes:
        mine, theirs = (one.get_layer(name).get_weights()[0] for one in (larger, first))
        np.testing.assert_allclose(mine.sum(axis=2), theirs.sum(axis=2), atol=1e-4)
    other = build_model(replace(config, detail=replace(detail, stride=4)), keras)
    start_from(other, start, trained.standardisation, [], keras)
    assert not other.get_layer("coordinates").get_weights()[0][:, :, -detail.rank :].any()


@pytest.mark.parametrize(("before", "after"), [(0, 4), (4, 0)])
def test_a_visibility_that_reads_a_map_or_no_longer_does_starts_anew(
    trained: TrainedModel, tmp_path: Path, before: int, after: int
) -> None:
    import keras

    config = replace(CONFIG, has_visibility=True, visibility_channels=before)
    first = build_model(config, keras)
    first.save_weights(tmp_path / "first.weights.h5")
    start = replace(trained, config=config, weights=tmp_path / "first.weights.h5")
    model = build_model(replace(config, visibility_channels=after), keras)
    start_from(model, start, trained.standardisation, [], keras)
    mine, theirs = (one.get_layer("block13_pointwise").get_weights() for one in (model, first))
    np.testing.assert_array_equal(mine, theirs)
