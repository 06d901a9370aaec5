import json
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from edge_runtime import FaceLandmarker, ModelFileError
from edge_runtime.detection.blazeface import BLAZEFACE_PATH
from edge_runtime.network.contract import CONTRACT_FILE, ModelContract


def contract_text(**changes) -> str:
    contract = ModelContract(
        model_name="made up",
        model_version="1",
        layout="face520/1",
        input_size_px=128,
        input_mean=127.5,
        input_std=127.5,
        output_mean=np.zeros((520, 3), np.float32),
        output_std=np.ones((520, 3), np.float32),
        outputs=("landmarks",),
        training_data="none",
        licence="none",
    )
    return json.dumps(json.loads(contract.to_json()) | changes)


def model_with(tmp_path: Path, text: str, flatbuffer: bytes | None = None) -> Path:
    """A working TFLite model, BlazeFace by default, with a contract behind it."""
    path = tmp_path / "model.tflite"
    path.write_bytes(BLAZEFACE_PATH.read_bytes() if flatbuffer is None else flatbuffer)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CONTRACT_FILE, text)
    return path


def test_contract_returns_from_a_model_file(tmp_path):
    contract = ModelContract.read(model_with(tmp_path, contract_text(accuracy={"nme": 3.5})))
    assert contract.layout == "face520/1" and contract.accuracy == {"nme": 3.5}
    assert contract.output_std.shape == (520, 3)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not a TensorFlow Lite model"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "not a TensorFlow Lite model"),
        (b"\x1c\x00\x00\x00TFL3" + b"0" * 100, "carries no face520 contract"),
    ],
)
def test_foreign_files_are_refused(tmp_path, content, complaint):
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=complaint) as error:
        FaceLandmarker.create(path)
    assert str(path) in str(error.value)


def test_absent_model_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match="no such model file"):
        FaceLandmarker.create(tmp_path / "absent.tflite")


def test_model_without_contract_is_refused():
    with pytest.raises(ModelFileError, match="carries no face520 contract"):
        FaceLandmarker.create(BLAZEFACE_PATH)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"layout": "other/7"}, "made for the landmarks other/7"),
        ({"crop_rule": "eyes"}, "trained on crops by the rule eyes"),
        ({"crop_side_over_box": 2.0}, "trained on crops by the rule"),
        ({"contract_version": 99}, "contract version 99.*update face520"),
        ({"outputs": "landmarks"}, "outputs is no list of names"),
        ({"outputs": ["presence"]}, "landmarks must be one"),
        ({"outputs": ["landmarks", "landmarks"]}, "none twice"),
        ({"unknown_blendshapes": ["tongueOut"]}, "'tongueOut', which is no blendshape"),
        ({"expression_at_rest": [0.1]}, "expression_at_rest has 1 values"),
        ({"expression_at_rest": [1.0] * 52}, "expression_at_rest has values that are not"),
        ({"output_std": [[1, 1]]}, "output_mean is"),
        ({"surprise": 1}, "cannot be read"),
        ({"input_size_px": 64}, "differ"),
        ({}, "differ"),  # BlazeFace's outputs are not 520 landmarks
    ],
)
def test_contracts_that_do_not_fit_are_refused(tmp_path, changes, complaint):
    path = model_with(tmp_path, contract_text(**changes))
    with pytest.raises(ModelFileError, match=complaint) as error:
        FaceLandmarker.create(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("text", ["[]", "{}", "not json", "null"])
def test_unreadable_contracts_are_refused(tmp_path, text):
    with pytest.raises(ModelFileError):
        ModelContract.read(model_with(tmp_path, text))


def relabelled(tmp_path: Path, model_path: Path, **changes) -> Path:
    """The model with other words in its contract, which tells no hash then."""
    content = model_path.read_bytes()
    with zipfile.ZipFile(model_path) as archive:
        start = archive.getinfo(CONTRACT_FILE).header_offset
    stored = json.loads(ModelContract.read(model_path).to_json())
    text = json.dumps(stored | {"flatbuffer_sha256": ""} | changes)
    return model_with(tmp_path, text, content[:start])


def test_a_contract_of_version_1_is_still_read():
    new = json.loads(contract_text())
    outputs, _ = new.pop("outputs"), new.pop("unknown_blendshapes")
    for has_presence in (False, True):
        old = new | {"contract_version": 1, "has_presence": has_presence}
        contract = ModelContract.from_json(json.dumps(old))
        assert contract.outputs == (*outputs, *["presence"] * has_presence)
        assert ModelContract.from_json(contract.to_json()).has_presence == has_presence


def test_an_output_of_a_later_version_is_named_and_left_out(tmp_path, model_path, photo):
    """The bundled model, as if its presence were something that this version does not know."""
    outputs = ["gaze" if n == "presence" else n for n in ModelContract.read(model_path).outputs]
    path = relabelled(tmp_path, model_path, outputs=outputs)
    with pytest.warns(UserWarning, match=r"its output gaze is not known.*Update face520"):
        landmarker = FaceLandmarker.create(path, num_threads=1)
    with landmarker, FaceLandmarker.create(model_path, num_threads=1) as whole:
        (face,), (expected,) = landmarker.detect(photo), whole.detect(photo)
    np.testing.assert_array_equal(face.points, expected.points)
    assert ModelContract.read(path).unknown_outputs == ("gaze",)


@pytest.mark.parametrize("outputs", [["landmarks"], ["landmarks", "expression"], ["landmarks"] * 3])
def test_outputs_that_the_file_does_not_have_are_refused(tmp_path, model_path, outputs):
    with pytest.raises(ModelFileError, match=r"differ|none twice"):
        FaceLandmarker.create(relabelled(tmp_path, model_path, outputs=outputs))


def test_damaged_model_is_refused_not_run(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="tflite-runtime does not check a model")
    damaged = bytearray(BLAZEFACE_PATH.read_bytes())
    damaged[40:4000] = bytes(3960)
    path = tmp_path / "model.tflite"
    path.write_bytes(damaged)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CONTRACT_FILE, contract_text())
    with pytest.raises(ModelFileError, match="cannot load this model"):
        FaceLandmarker.create(path)


def test_a_model_that_knows_its_hash(tmp_path):
    """Any changed byte is found before an interpreter sees it."""
    path = model_with(tmp_path, contract_text())
    with zipfile.ZipFile(path) as archive:
        archive_start = archive.getinfo(CONTRACT_FILE).header_offset
    digest = sha256(path.read_bytes()[:archive_start]).hexdigest()
    path = model_with(tmp_path, contract_text(flatbuffer_sha256=digest))
    assert ModelContract.read(path).flatbuffer_sha256 == digest
    damaged = bytearray(path.read_bytes())
    damaged[100_000] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ModelFileError, match="damaged"):
        FaceLandmarker.create(path)


def test_a_model_replaced_under_way(tmp_path, model_path, photo):
    path = tmp_path / "model.tflite"
    path.write_bytes(model_path.read_bytes())
    with FaceLandmarker.create(path, num_threads=1) as landmarker:
        before = landmarker.detect(photo)[0].points
        path.write_bytes(b"")
        after = landmarker.detect(photo)[0].points
    assert (before == after).all()
    with pytest.raises(ModelFileError):
        FaceLandmarker.create(path)
