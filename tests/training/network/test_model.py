"""The network: shapes, cost, Keras 3 and tf_keras alike, the public backbone, the ridge head."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from training.errors import ExperimentError, TrainedModelError
from training.network.model import build_model
from training.network.regressor_config import DetailBranch, RegressorConfig
from training.run.start.head_fit import fit_head
from training.run.start.start_weights import load_backbone

SMALL = {
    "mobilenet_v1": RegressorConfig("mobilenet_v1", 0.25, 64, head_rank=0),
    "mobilenet_v2": RegressorConfig("mobilenet_v2", 0.35, 64, has_presence=True),
    "mobilenet_v3": RegressorConfig("mobilenet_v3_minimalistic", 0.5, 72, head_rank=16),
}


@pytest.mark.parametrize("name", SMALL)
def test_outputs_have_the_contract_s_shape(name: str) -> None:
    config = SMALL[name]
    model = build_model(config, keras)
    crops = np.random.default_rng(0).normal(size=(2, config.input_size_px, config.input_size_px, 3))
    outputs = model.predict(crops.astype(np.float32), verbose=0)
    assert outputs["landmarks"].shape == (2, 520, 3)
    assert ("presence" in outputs) == config.has_presence
    if config.has_presence:
        assert outputs["presence"].shape == (2, 1)
        assert (np.abs(outputs["presence"] - 0.5) <= 0.5).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_weights_move_from_keras_to_tf_keras(name: str, tmp_path: Path) -> None:
    import tf_keras

    config = SMALL[name]
    model, twin = build_model(config, keras), build_model(config, tf_keras)
    model.save_weights(tmp_path / "model.weights.h5")
    twin.load_weights(str(tmp_path / "model.weights.h5"))
    crops = np.random.default_rng(0).normal(size=(4, config.input_size_px, config.input_size_px, 3))
    outputs = [m.predict(crops.astype(np.float32), verbose=0)["landmarks"] for m in (model, twin)]
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-5)


def test_visibility_reads_where_something_is_and_the_landmarks_do_not_change() -> None:
    config = RegressorConfig("mobilenet_v1", 0.25, 64, has_visibility=True)
    plain, placed = (
        build_model(config, keras),
        build_model(replace(config, visibility_channels=4), keras),
    )
    for layer in plain.layers:
        if layer.name != "visibility_code":
            placed.get_layer(layer.name).set_weights(layer.get_weights())
    crops = np.random.default_rng(0).normal(size=(1, 64, 64, 3)).astype(np.float32)
    turned = np.roll(crops, 32, axis=2)
    answers = [placed.predict(one, verbose=0) for one in (crops, turned)]
    np.testing.assert_array_equal(
        answers[0]["landmarks"], plain.predict(crops, verbose=0)["landmarks"]
    )
    squeezed = keras.Model(placed.input, placed.get_layer("visibility_flat").output)
    left, right = (squeezed.predict(one, verbose=0).reshape(4, 4, 4) for one in (crops, turned))
    assert left.shape == (4, 4, 4)
    assert not np.array_equal(left, right)
    with pytest.raises(ExperimentError, match="visibility_channels"):
        RegressorConfig("mobilenet_v2", visibility_channels=4)


def test_an_unknown_backbone_is_named() -> None:
    with pytest.raises(ExperimentError, match="resnet"):
        build_model(RegressorConfig(backbone="resnet"), keras)  # type: ignore[arg-type]


def test_the_main_model_has_its_size() -> None:
    model = build_model(RegressorConfig(), keras)
    # MobileNetV1 at width 0.5 without its classifier, and the head: 512 x 64 x 1560 and biases.
    head = 512 * 64 + 64 + 64 * 1560 + 1560
    assert model.count_params() - head == 829_536


def test_the_public_backbone_loads_and_takes_rgb(real_data: Path) -> None:
    path = real_data / "mobilenet_v1_050_120.npz"
    model = build_model(RegressorConfig(), keras)
    load_backbone(model, path)
    with np.load(path) as archive:
        weight = archive["conv1.weight"]
        scale = archive["bn1.weight"] / np.sqrt(archive["bn1.running_var"] + 1e-5)
        shift = archive["bn1.bias"] - archive["bn1.running_mean"] * scale
    image = np.random.default_rng(0).normal(size=(1, 120, 120, 3)).astype(np.float32)
    first = keras.Model(model.input, model.get_layer("conv1_relu").output)
    found = first.predict(image, verbose=0)[0, 10, 20]
    # The same by hand: output pixel (10, 20) sees input rows 19..21 and columns 39..41, in BGR.
    patch = image[0, 19:22, 39:42, ::-1].transpose(2, 0, 1)
    expected = np.maximum((weight * patch).sum(axis=(1, 2, 3)) * scale + shift, 0)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_backbone_of_another_width_is_refused(real_data: Path) -> None:
    model = build_model(RegressorConfig(width=0.25), keras)
    with pytest.raises(TrainedModelError, match="does not fit"):
        load_backbone(model, real_data / "mobilenet_v1_050_120.npz")


def test_a_missing_backbone_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainedModelError, match=r"none\.npz"):
        load_backbone(build_model(SMALL["mobilenet_v1"], keras), tmp_path / "none.npz")


@pytest.mark.parametrize("rank", [0, 12])
def test_the_ridge_head_finds_a_linear_map(rank: int) -> None:
    """Targets that are a rank-6 map of the features are learned by either head."""
    layers = keras.layers
    image = keras.Input((2, 2, 32))
    pooled = layers.GlobalAveragePooling2D(keepdims=True, name="features")(image)
    code = layers.Conv2D(rank, 1, name="shape_code")(pooled) if rank else pooled
    flat = layers.Conv2D(60, 1, name="coordinates")(code)
    model = keras.Model(image, {"landmarks": layers.Reshape((20, 3))(flat)})
    rng = np.random.default_rng(0)
    images = rng.normal(1, 2, (256, 2, 2, 32)).astype(np.float32)
    mapping = rng.normal(size=(32, 6)) @ rng.normal(size=(6, 60))
    targets = (images.mean(axis=(1, 2)) @ mapping + 5).reshape(256, 20, 3).astype(np.float32)
    images[100:120] = 9  # no face there, so no landmarks to learn from
    weights = np.where(np.arange(256) // 20 == 5, 0, 1)
    batches = [
        (images[part], {"landmarks": targets[part]}, {"landmarks": weights[part]})
        for part in (slice(i, i + 64) for i in range(0, 256, 64))
    ]
    fit_head(model, batches, keras)
    found = model.predict(images, verbose=0)["landmarks"]
    np.testing.assert_allclose(found[weights > 0], targets[weights > 0], atol=0.02 * targets.std())


def test_patches_and_fewer_blocks_lead_to_maps_of_the_same_shape() -> None:
    config = RegressorConfig(
        "mobilenet_v1",
        0.25,
        64,
        patch_stem=True,
        left_out=(3, 8),
        repeated=(5,),
        detail=DetailBranch(),
    )
    assert RegressorConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    model, whole = (
        build_model(one, keras)
        for one in (config, replace(config, patch_stem=False, left_out=(), repeated=()))
    )
    for layer in ("block04_pointwise", "block11_pointwise", "detail_flat", "features"):
        assert model.get_layer(layer).output.shape == whole.get_layer(layer).output.shape
    missing = {layer.name for layer in whole.layers} - {layer.name for layer in model.layers}
    assert {name.split("_")[0] for name in missing} == {
        *("conv1", "block01", "block02", "block03", "block08")
    }


def test_every_map_has_the_channels_that_it_is_given() -> None:
    channels = (8, 16, 24, 24, 32, 32, 40, 40, 40, 40, 40, 40, 56, 64)
    config = RegressorConfig("mobilenet_v1", 0.25, 64, has_batch_norm=False, channels=channels)
    assert RegressorConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    model = build_model(config, keras)
    names = ("conv1", *(f"block{number:02d}_pointwise" for number in range(1, 14)))
    assert tuple(model.get_layer(name).output.shape[-1] for name in names) == channels
    with pytest.raises(ExperimentError, match="14 numbers"):
        replace(config, channels=channels[:-1])


def test_without_the_first_block_the_second_reads_the_first_convolution() -> None:
    config = RegressorConfig("mobilenet_v1", 0.25, 64, left_out=(1,))
    model = build_model(config, keras)
    assert "block01_depthwise" not in {layer.name for layer in model.layers}
    assert model.get_layer("block02_depthwise").output.shape[1:] == (16, 16, 8)
    with pytest.raises(ExperimentError, match="and 1 be left out"):
        RegressorConfig(repeated=(1,))


def test_a_patch_reads_its_own_pixels_alone() -> None:
    config = RegressorConfig("mobilenet_v1", 0.25, 64, patch_stem=True)
    built = build_model(config, keras)
    model = keras.Model(built.input, built.get_layer("patches_relu").output)
    crop = np.random.default_rng(0).normal(size=(1, 64, 64, 3)).astype(np.float32)
    changed = crop.copy()
    changed[0, 8:12, 20:24] += 1
    differs = (model.predict(crop, verbose=0) != model.predict(changed, verbose=0)).any(axis=-1)[0]
    assert np.argwhere(differs).tolist() == [[2, 5]]


@pytest.mark.parametrize("block", [2, 4, 6, 12, 14])
@pytest.mark.parametrize("change", ["left_out", "repeated"])
def test_a_block_that_changes_the_shape_stays_as_it_is(change: str, block: int) -> None:
    with pytest.raises(ExperimentError, match=change):
        RegressorConfig(**{change: (block,)})


def test_a_block_is_not_left_out_and_repeated() -> None:
    with pytest.raises(ExperimentError, match=r"left_out \(3,\), repeated \(3,\)"):
        RegressorConfig(left_out=(3,), repeated=(3,))
