"""Export of a trained model: files that carry their contract and agree with Keras."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conversion.converter import ConversionError, build_for_conversion, convert
from conversion.export import export
from conversion.representative import representative_crops
from conversion.verification import Agreement, require_agreement
from edge_runtime import FaceLandmarker
from edge_runtime.contract import ModelContract
from edge_runtime.crop import CropRegion
from edge_runtime.errors import ModelFileError
from training.trained_model import TrainedModel

RELEASED = Path(__file__).parents[2] / "training" / "released"
MODELS = Path(__file__).parents[2] / "edge_runtime" / "models"


@pytest.fixture(scope="module")
def release_path(run_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("release")
    TrainedModel.open(run_path).release(path, "tiny", "0.1.0", {"val_nme_percent": 12.5})
    return path


@pytest.fixture(scope="module")
def exported(
    release_path: Path, dataset_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    output = tmp_path_factory.mktemp("models")
    steps: list[str] = []
    trained = TrainedModel.open(release_path)
    files = export(trained, ["float32", "int8"], output, dataset_path, steps.append)
    assert any(step.startswith("int8: comparing") for step in steps)
    return {file.variant: file.path for file in files}


@pytest.mark.slow
def test_files_are_named_after_model_and_variant(exported: dict[str, Path]) -> None:
    names = [path.name for path in exported.values()]
    assert names == ["face520_tiny_float32.tflite", "face520_tiny_int8.tflite"]
    assert exported["int8"].stat().st_size < 0.7 * exported["float32"].stat().st_size


@pytest.mark.slow
def test_files_carry_their_contract(exported: dict[str, Path], release_path: Path) -> None:
    trained = TrainedModel.open(release_path)
    for path in exported.values():
        contract = ModelContract.read(path)
        assert (contract.model_name, contract.model_version) == ("tiny", "0.1.0")
        assert contract.layout == "face520/1" and contract.input_size_px == 64
        assert contract.accuracy == {"val_nme_percent": 12.5}
        np.testing.assert_allclose(contract.output_std, trained.standardisation.std, atol=1e-6)


@pytest.mark.slow
def test_a_flipped_bit_is_noticed(exported: dict[str, Path], tmp_path: Path) -> None:
    content = bytearray(exported["int8"].read_bytes())
    content[len(content) // 3] ^= 1
    damaged = tmp_path / "damaged.tflite"
    damaged.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"damaged\.tflite: damaged"):
        ModelContract.read(damaged)


@pytest.mark.slow
def test_standard_tools_read_the_metadata(exported: dict[str, Path]) -> None:
    from mediapipe.tasks.python.metadata.metadata import MetadataDisplayer

    displayer = MetadataDisplayer.with_model_file(str(exported["int8"]))
    shown = json.loads(displayer.get_metadata_json())
    assert shown["name"] == "face520 tiny" and shown["version"] == "0.1.0"
    graph = shown["subgraph_metadata"][0]
    assert graph["output_tensor_metadata"][0]["name"] == "landmarks"
    options = graph["input_tensor_metadata"][0]["process_units"][0]["options"]
    assert options == {"mean": [127.5], "std": [128.0]}
    assert displayer.get_packed_associated_file_list() == ["face520.json"]


@pytest.mark.slow
def test_int8_computes_in_integers(exported: dict[str, Path]) -> None:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        str(exported["int8"]),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    types = {d["index"]: np.dtype(d["dtype"]) for d in interpreter.get_tensor_details()}
    for operator in interpreter._get_ops_details():
        if operator["op_name"] not in ("QUANTIZE", "DEQUANTIZE"):
            assert all(types[index] != np.float32 for index in operator["outputs"])


@pytest.mark.slow
def test_the_runtime_runs_them(exported: dict[str, Path], photo: np.ndarray) -> None:
    for path in exported.values():
        with FaceLandmarker.create(path) as landmarker:
            (face,) = landmarker.detect(photo)
            assert face.points.shape == (520, 3) and np.isfinite(face.points).all()


def test_int8_without_faces_says_what_is_needed(release_path: Path) -> None:
    model = build_for_conversion(TrainedModel.open(release_path))
    with pytest.raises(ConversionError, match="--dataset"):
        convert(model, "int8", None)


def test_a_file_far_from_keras_is_refused() -> None:
    far = Agreement(crops=10, mean_px=2.5, p99_px=4, max_px=9)
    with pytest.raises(ConversionError, match=r"2\.500 px from Keras"):
        require_agreement(far, "int8", 120)
    require_agreement(Agreement(crops=10, mean_px=0.5, p99_px=1, max_px=2), "int8", 120)
    with pytest.raises(ConversionError):
        require_agreement(Agreement(10, float("nan"), 0, 0), "float32", 120)


@pytest.mark.slow
def test_nothing_is_written_when_verification_fails(
    release_path: Path, dataset_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules["conversion.verification"].MEAN_LIMIT_PX, "float32", -1.0)
    trained = TrainedModel.open(release_path)
    with pytest.raises(ConversionError, match="Nothing was written"):
        export(trained, ["float32"], tmp_path, dataset_path, lambda step: None)
    assert os.listdir(tmp_path) == []


def test_representative_crops_are_the_same_every_time(dataset_path: Path) -> None:
    crops = representative_crops(dataset_path, "train", 10, 64)
    assert crops.shape == (10, 64, 64, 3) and crops.dtype == np.uint8
    again = representative_crops(dataset_path, "train", 10, 64)
    np.testing.assert_array_equal(crops, again)


@pytest.mark.parametrize("folder", sorted(RELEASED.iterdir()), ids=lambda path: path.name)
def test_released_files_are_what_their_weights_say(folder: Path, photo: np.ndarray) -> None:
    """The bundled float32 file against the released Keras weights, on crops of the photo."""
    from conversion.verification import measure_agreement

    trained = TrainedModel.open(folder)
    size_px = trained.config.input_size_px
    float32, int8 = (MODELS / f"face520_{trained.name}_{v}.tflite" for v in ("float32", "int8"))
    with FaceLandmarker.create(float32) as landmarker:
        region = CropRegion.around_landmarks(landmarker.detect(photo)[0].points)
    turned = [replace(region, roll_deg=roll_deg) for roll_deg in (-12, 0, 12)]
    crops = np.stack([one.extract(photo, size_px) for one in turned])
    model = build_for_conversion(trained)
    agreement = measure_agreement(model, trained.standardisation, float32, crops)
    assert agreement.max_px < 0.01
    assert measure_agreement(model, trained.standardisation, int8, crops).mean_px < 1.0
    for path in (float32, int8):
        assert path.stat().st_size < 5_000_000
        assert ModelContract.read(path).model_version == trained.version


def face520_convert(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conversion", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_the_command_exports_and_inspects(release_path: Path, tmp_path: Path) -> None:
    done = face520_convert("export", release_path, "--variant", "float32", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Distances to Keras over" in done.stdout
    shown = face520_convert("inspect", tmp_path / "face520_tiny_float32.tflite")
    assert shown.returncode == 0 and "landmark_box_square" in shown.stdout


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (("export", "nowhere"), "nowhere: holds neither a training run"),
        (("inspect", "none.tflite"), "none.tflite: no such model file"),
    ],
)
def test_mistakes_are_explained_and_exit_2(arguments: tuple[str, ...], complaint: str) -> None:
    done = face520_convert(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr and "Traceback" not in done.stderr


def test_an_unknown_variant_is_answered_with_the_known(release_path: Path) -> None:
    done = face520_convert("export", release_path, "--variant", "int4")
    assert done.returncode == 2 and "float32, int8" in done.stderr
