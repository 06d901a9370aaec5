"""Quantization-aware training: what is rounded, how far it gets, and going on where it stopped."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.conversion.conftest import made_release
from tests.tiny_network import BLOCKS
from training.crops.augment import Augmentation
from training.keras_backend import load_tensorflow
from training.run.trained_model import TrainedModel

load_tensorflow()
import tensorflow as tf  # noqa: E402
import tf_keras  # noqa: E402

from conversion.cli import app  # noqa: E402
from conversion.converter import convert  # noqa: E402
from conversion.equalisation import equalised  # noqa: E402
from conversion.errors import ConversionError, QatError  # noqa: E402
from conversion.folded_model import folded  # noqa: E402
from conversion.network import Network  # noqa: E402
from conversion.qat import run as qat_run  # noqa: E402
from conversion.qat.crops import crop_plan  # noqa: E402
from conversion.qat.distillation import Distillation  # noqa: E402
from conversion.qat.fake_quant import (  # noqa: E402
    STRETCH_RATE,
    ActivationRange,
    ChannelWeights,
    fake_quant,
    set_ranges,
)
from conversion.qat.folder import QatFolder  # noqa: E402
from conversion.qat.run import (  # noqa: E402
    QatSettings,
    quantization_aware_network,
    train_quantization_aware,
)
from conversion.verification.lite_model import LiteModel  # noqa: E402
from conversion.verification.operator_list import OperatorList  # noqa: E402
from training.dataset.dataset import Dataset  # noqa: E402
from training.errors import DatasetError  # noqa: E402
from training.network.model import network_input  # noqa: E402

SETTINGS = QatSettings(epochs=2, batch_size=4, learning_rate=1e-4)


@pytest.fixture(scope="module")
def learner(trained: TrainedModel, dataset_path: Path) -> TrainedModel:
    """The made-up model as if it had been trained on the made-up dataset."""
    layout = Dataset.open(dataset_path).layout.reference
    return replace(trained, provenance={"layout": layout, "negative_share": 0.2})


@pytest.fixture(scope="module")
def float_model(network: Network) -> Any:
    return folded(network.model)


@pytest.fixture(scope="module")
def rounded_model(float_model: Any, crops: np.ndarray) -> Any:
    model = fake_quant(float_model)
    set_ranges(model, float_model, crops)
    return model


@pytest.mark.parametrize("depthwise", [False, True])
def test_each_channel_keeps_its_largest_weight_and_takes_255_steps(depthwise: bool) -> None:
    kernel = np.random.default_rng(1).normal(size=(3, 3, 4, 6)).astype(np.float32)
    scale = np.array([1, 10, 100, 1000], np.float32)[:, None] if depthwise else 10.0 ** np.arange(6)
    kernel = (kernel * scale).astype(np.float32)
    rounded = ChannelWeights(depthwise)(tf.constant(kernel), True, {}).numpy()
    axes = (0, 1, 3) if depthwise else (0, 1, 2)
    largest = np.abs(kernel).max(axes, keepdims=True)
    steps = rounded / (largest / 127)
    np.testing.assert_allclose(np.abs(rounded).max(axes, keepdims=True), largest, rtol=1e-6)
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-3)
    assert np.abs(rounded - kernel).max(axes).max() <= largest.max() / 127 * 0.501
    assert (np.abs(rounded - kernel) <= largest / 127 * 0.501).all()


def test_gradients_pass_the_rounding_of_weights() -> None:
    kernel = tf.Variable(np.random.default_rng(1).normal(size=(1, 1, 3, 5)).astype(np.float32))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(ChannelWeights(False)(kernel, True, {}) * 3)
    np.testing.assert_allclose(tape.gradient(total, kernel).numpy(), 3)


@pytest.mark.parametrize("start", [1.0, 40.0])
def test_a_range_learns_where_to_cut_off(start: float) -> None:
    """Of normal values 256 steps are spent best between about -4 and 4 standard deviations."""
    values = tf.constant(np.random.default_rng(2).normal(size=20000).astype(np.float32))
    weights = {"min": tf.constant(-start), "max": tf.constant(start), "stretch": tf.Variable(0.0)}
    optimizer = tf_keras.optimizers.Adam(0.004)
    for _ in range(250):
        with tf.GradientTape() as tape:
            error = tf.reduce_mean(tf.square(ActivationRange(None)(values, True, weights) - values))
        stretch = weights["stretch"]
        optimizer.apply_gradients([(tape.gradient(error, stretch), stretch)])
    assert 3.4 < start * np.exp(STRETCH_RATE * float(stretch)) < 4.6


def test_only_the_landmarks_keep_the_range_they_were_given(
    float_model: Any, crops: np.ndarray
) -> None:
    model = fake_quant(float_model)
    set_ranges(model, float_model, crops)
    image = network_input(crops)
    before = model.predict(image, verbose=0)["landmarks"]

    def stretch(layer: str) -> None:
        for variable in model.get_layer(f"quant_{layer}").weights:
            if "stretch" in variable.name:
                variable.assign(-0.05)

    stretch("coordinates")
    np.testing.assert_array_equal(model.predict(image, verbose=0)["landmarks"], before)
    stretch("shape_code")
    assert not np.array_equal(model.predict(image, verbose=0)["landmarks"], before)


def test_an_activation_has_256_values_at_most(rounded_model: Any, crops: np.ndarray) -> None:
    names = [layer.name for layer in rounded_model.layers if "relu" in layer.name]
    assert len(names) == 1 + 2 * len(BLOCKS)
    watcher = tf_keras.Model(
        rounded_model.input, [rounded_model.get_layer(n).output for n in names]
    )
    for name, values in zip(names, watcher.predict(network_input(crops), verbose=0)):
        assert 1 < len(np.unique(values)) <= 256, name


def test_the_input_keeps_neighbouring_pixel_values_apart(rounded_model: Any) -> None:
    watcher = tf_keras.Model(rounded_model.input, rounded_model.get_layer("quant_image").output)
    ramp = np.repeat(np.arange(256, dtype=np.uint8), 16).reshape(1, 64, 64, 1).repeat(3, axis=-1)
    seen = watcher.predict(network_input(ramp), verbose=0)[0, ..., 0]
    assert np.abs(seen - network_input(ramp)[0, ..., 0]).max() <= 0.5 * 2 / 255
    assert len(np.unique(seen)) == 255  # 127 and 128 share the step 0


@pytest.mark.slow
def test_the_file_answers_as_the_fake_quant_graph(rounded_model: Any, crops: np.ndarray) -> None:
    from ai_edge_litert.interpreter import Interpreter

    expected = rounded_model.predict(network_input(crops), verbose=0)
    interpreter = Interpreter(model_content=convert(rounded_model, "int8", None))
    interpreter.allocate_tensors()
    types = [d["dtype"] for d in interpreter.get_tensor_details()]
    assert types.count(np.float32) == 3  # the input and the two outputs
    errors: dict[str, list[float]] = {"landmarks": [], "presence": []}
    for number, image in enumerate(network_input(crops)):
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
        interpreter.invoke()
        for detail in interpreter.get_output_details():
            name = "landmarks" if detail["shape"][-1] == 3 else "presence"
            found = interpreter.get_tensor(detail["index"])[0]
            errors[name].append(float(np.abs(found - expected[name][number]).mean()))
    # The file's biases are integers, which tips a rounding here and there; weights that were never
    # trained let that grow over 27 layers.
    assert np.mean(errors["landmarks"]) < 0.03 * np.ptp(expected["landmarks"])
    assert np.mean(errors["presence"]) < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("has_patches", [False, True])
def test_a_file_with_a_branch_and_every_output_answers_as_its_graph(
    lively: TrainedModel, has_patches: bool, crops: np.ndarray, tmp_path: Path
) -> None:
    if has_patches:
        config = replace(lively.config, patch_stem=True, repeated=(3,))
        lively = TrainedModel.open(made_release(tmp_path, "patches", config))
    even = equalised(Network.of(lively), crops)
    model = fake_quant(even.model)
    set_ranges(model, even.model, crops)
    expected = model.predict(network_input(crops), verbose=0)
    flatbuffer = convert(model, "int8", None)
    assert OperatorList.read(flatbuffer).float_computations == ()
    found = LiteModel(flatbuffer).run(crops)
    names = ("landmarks", "visibility", "expression", "presence")
    assert sorted(names) == sorted(expected)
    # Evened coordinates all swing alike, so that roundings tipped are a larger part of the swing.
    assert np.abs(found[0] - expected["landmarks"]).mean() < 0.06 * np.ptp(expected["landmarks"])
    for name, values in zip(names[1:], found[1:], strict=True):
        assert np.abs(values - expected[name]).mean() < 0.1, name


def test_a_layer_without_an_int8_kernel_is_named() -> None:
    image = tf_keras.Input((8, 8, 3))
    x = tf_keras.layers.Conv2D(4, 1, name="stem")(image)
    x = tf_keras.layers.Activation("swish", name="hard_swish_3")(x)
    with pytest.raises(ConversionError, match=r"hard_swish_3 \(Activation\).*without --qat"):
        fake_quant(tf_keras.Model(image, {"landmarks": x}))


def test_crops_are_made_as_the_models_own_training_made_them(
    learner: TrainedModel, dataset_path: Path
) -> None:
    stored = {"still_share": 0.5, "given_up_since": 1}
    provenance = learner.provenance | {"augmentation": stored}
    plan = crop_plan(Dataset.open(dataset_path), replace(learner, provenance=provenance))
    assert (plan.size_px, plan.negative_share) == (64, 0.2)
    assert plan.augmentation == Augmentation(still_share=0.5)


def test_a_dataset_of_another_layout_is_refused(learner: TrainedModel, dataset_path: Path) -> None:
    other = replace(learner, provenance=learner.provenance | {"layout": "face520/0"})
    with pytest.raises(DatasetError, match="the model says face520/0"):
        crop_plan(Dataset.open(dataset_path), other)


@pytest.mark.slow
def test_the_rounded_network_is_pulled_to_the_float_one(network: Network, crops: Any) -> None:
    teacher = equalised(network, crops)
    student = fake_quant(teacher.model)
    set_ranges(student, teacher.model, crops)
    bias = next(w for w in student.get_layer("quant_coordinates").weights if "bias" in w.name)
    bias.assign_add(np.full(bias.shape, 0.5, np.float32))
    distillation = Distillation(Network(student, teacher.standardisation), teacher, 1e-2, 80)
    before_px = distillation.distance_px(crops)
    for _ in range(80):
        distillation.step(network_input(crops))
    # The rounding of weights that were never trained leaves 0.3 px that nothing can undo.
    assert distillation.distance_px(crops) < 0.85 * before_px


@pytest.mark.slow
def test_an_interrupted_training_resumes_to_the_same_curve(
    learner: TrainedModel, dataset_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qat_run, "CHECKPOINT_STEPS", 2)
    monkeypatch.setattr(qat_run, "VALIDATION_CROPS", 8)
    whole, broken = QatFolder(tmp_path / "whole"), QatFolder(tmp_path / "broken")

    def keep_what_a_lost_process_leaves(progress: qat_run.Progress) -> None:
        if progress.step == 5:
            shutil.copytree(whole.path, broken.path)

    def go(folder: QatFolder, resume: bool, on_step: Any) -> Any:
        faces = Dataset.open(dataset_path)
        return train_quantization_aware(learner, faces, folder, SETTINGS, resume, on_step)

    end = go(whole, False, keep_what_a_lost_process_leaves)
    last = broken.last()
    assert last is not None and last.step == 4
    with pytest.raises(QatError, match="Pass --resume"):
        go(broken, False, lambda progress: None)
    resumed = go(broken, True, lambda progress: None)
    np.testing.assert_allclose(resumed.curve, end.curve, rtol=1e-3)
    assert (tmp_path / "whole" / "curves.csv").read_text().startswith("step,crops,loss_px")
    assert end.best_distance_px == min(row[-1] for row in end.curve) > 0

    network = quantization_aware_network(learner, whole)
    assert network.model.output["landmarks"].shape[1:] == (520, 3)
    other = replace(learner, weights=dataset_path / "manifest.json")
    with pytest.raises(QatError, match="another model"):
        quantization_aware_network(other, whole)


@pytest.mark.parametrize("content", ['{"epochs": 2, "ba', "null", "3", "\x80"])
def test_strange_settings_are_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "qat.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(QatError, match=r"qat\.json: cannot be read"):
        QatFolder(tmp_path).settings()


def test_the_command_says_what_is_missing(release_path: Path, tmp_path: Path) -> None:
    options = ["--dataset", str(tmp_path), "--run", str(tmp_path / "run")]
    result = CliRunner().invoke(app, ["qat", str(release_path), *options])
    assert isinstance(result.exception, DatasetError)
    result = CliRunner().invoke(app, ["qat", str(tmp_path), *options])
    assert "neither a training run" in str(result.exception)
    assert not (tmp_path / "run").exists()
