"""Export of a trained model: files that carry their contract and agree with Keras."""

import io
import json
import resource
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from conversion import variant as variants_module
from conversion.converter import convert
from conversion.errors import ConversionError
from conversion.export import ExportOptions, export
from conversion.network import Network
from conversion.report.page import write_report
from conversion.report.record import ConversionReport
from conversion.representative import RepresentativeCrops
from conversion.variant import VARIANTS
from conversion.verification.agreement import KerasAnswers, measure_agreement
from conversion.verification.operator_list import OperatorList
from edge_runtime import FaceLandmarker
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.crop import CropRegion
from edge_runtime.errors import ModelFileError, OutputWriteError
from edge_runtime.network.contract import ModelContract
from tests.command import run_main
from training.dataset.dataset import Dataset
from training.face.blendshape_labels import UNKNOWN_BLENDSHAPES
from training.run.trained_model import TrainedModel

RELEASED = Path(__file__).parents[3] / "training" / "released"
MODELS = Path(__file__).parents[3] / "edge_runtime" / "models"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def report(trained: TrainedModel, dataset_path: Path, output: Path) -> ConversionReport:
    steps: list[str] = []
    options = ExportOptions(output, Dataset.open(dataset_path), calibration_crops=20)
    done = export(trained, VARIANTS, options, steps.append)
    assert [step for step in steps if "converting" in step] == [
        f"{v}: converting" for v in VARIANTS
    ]
    return done


@pytest.fixture(scope="module")
def files(report: ConversionReport, output: Path) -> dict[str, Path]:
    assert [one.failures for one in report.variants] == [()] * len(VARIANTS)
    return {one.variant: output / one.file for one in report.variants}


def contents(path: Path) -> bytes:
    """The flatbuffer before the archive."""
    packed = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return packed[: min(entry.header_offset for entry in archive.infolist())]


@pytest.fixture
def converted(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What `report` converted is not converted again."""
    monkeypatch.setattr(
        "conversion.export.convert", lambda model, variant, crops: contents(files[variant])
    )


@pytest.mark.slow
def test_files_are_named_after_model_and_variant(files: dict[str, Path], output: Path) -> None:
    assert sorted(path.name for path in output.iterdir()) == sorted(
        f"face520_tiny_{variant}.tflite" for variant in VARIANTS
    )
    size = {variant: path.stat().st_size for variant, path in files.items()}
    assert size["float16"] < 0.8 * size["float32"]


@pytest.mark.slow
def test_files_carry_their_contract(files: dict[str, Path], trained: TrainedModel) -> None:
    for path in files.values():
        contract = ModelContract.read(path)
        assert (contract.model_name, contract.model_version) == ("tiny", "0.1.0")
        assert contract.layout == "face520/1" and contract.input_size_px == 64
        assert contract.has_presence and contract.accuracy == {"val_nme_percent": 12.5}
    exact = ModelContract.read(files["float32"])
    np.testing.assert_allclose(exact.output_std, trained.standardisation.std, atol=1e-6)


@pytest.mark.slow
def test_every_output_is_named_compared_and_read(
    lively: TrainedModel, dataset_path: Path, photo: np.ndarray, tmp_path: Path
) -> None:
    options = ExportOptions(tmp_path, Dataset.open(dataset_path), calibration_crops=20)
    report = export(lively, ["float32", "int8"], options, lambda step: None)
    assert [one.failures for one in report.variants] == [(), ()]
    from tensorflow.lite.python import schema_py_generated as lite

    others = ("presence", "expression", "visibility")
    assert report.other_outputs == others
    page = write_report(report, tmp_path).read_text()
    assert "<th>expression: mean</th>" in page and "<th>visibility: mean</th>" in page
    faces = []
    for one in report.variants:
        assert one.agreement is not None and tuple(one.agreement.outputs) == others
        contract = ModelContract.read(tmp_path / one.file)
        assert sorted(contract.outputs) == sorted(("landmarks", *others))
        assert contract.unknown_blendshapes == UNKNOWN_BLENDSHAPES
        model = lite.ModelT.InitFromObj(lite.Model.GetRootAsModel(contents(tmp_path / one.file), 0))
        graph = model.subgraphs[0]
        sizes = [int(np.prod(graph.tensors[place].shape)) for place in graph.outputs]
        assert sizes == [contract.output_sizes[name] for name in contract.outputs]
        with FaceLandmarker.create(tmp_path / one.file) as landmarker:
            faces.append(landmarker.landmarks_in(photo, CropRegion(225, 120, 180)))
    for face in faces:
        assert face.visibility_from == "network" and face.expression is not None
        unknown = [name for name, e in zip(BLENDSHAPE_NAMES, face.expression) if np.isnan(e)]
        assert tuple(unknown) == UNKNOWN_BLENDSHAPES
    exact, rounded = faces
    assert np.nanmean(np.abs(exact.expression - rounded.expression)) < 0.05
    assert np.abs(exact.visibility - rounded.visibility).mean() < 0.05


@pytest.mark.slow
def test_strict_holds_no_float(files: dict[str, Path]) -> None:
    operators = OperatorList.read(contents(files["int8-strict"]))
    assert operators.input_dtype == "INT8" and set(operators.output_dtypes) == {"INT8"}
    assert operators.float_operators == ()
    assert not any("FLOAT" in dtype for one in operators.operators for dtype in one.dtypes)


@pytest.mark.slow
@pytest.mark.parametrize(("variant", "inside"), [("int8", "INT8"), ("int16x8", "INT16")])
def test_integer_files_are_float_only_at_their_borders(
    files: dict[str, Path], variant: str, inside: str
) -> None:
    operators = OperatorList.read(contents(files[variant]))
    assert operators.input_dtype == "FLOAT32" and set(operators.output_dtypes) == {"FLOAT32"}
    assert operators.float_computations == ()
    assert {one.dtypes[-1] for one in operators.operators if one.type == "CONV_2D"} == {inside}


@pytest.mark.slow
def test_the_runtime_runs_them_and_they_agree(
    files: dict[str, Path], photo: np.ndarray, trained: TrainedModel
) -> None:
    region = CropRegion(225, 120, 180)
    faces = {}
    for variant, path in files.items():
        with FaceLandmarker.create(path) as landmarker:
            faces[variant] = landmarker.landmarks_in(photo, region)
    exact = faces["float32"]
    for face in faces.values():
        distance = np.linalg.norm(face.points - exact.points, axis=-1)
        assert distance.mean() < 0.02 * region.side_px
        assert abs(face.presence - exact.presence) < 0.05
    np.testing.assert_array_equal(faces["int8"].points, faces["int8-strict"].points)


@pytest.mark.slow
def test_the_report_tells_what_was_found(report: ConversionReport, tmp_path: Path) -> None:
    found = {one.variant: one for one in report.variants}
    assert found["float32"].agreement.max_px < 0.01  # type: ignore[union-attr]
    assert found["float16"].agreement.mean_px < found["int8"].agreement.mean_px  # type: ignore[union-attr]
    for one in report.variants:
        assert sorted(one.agreement.outputs) == ["presence"]  # type: ignore[union-attr]
        assert one.agreement.outputs["presence"].worst < 0.15  # type: ignore[union-attr]
        assert one.latency_ms > 0  # type: ignore[operator]
        assert one.layers and len(one.worst_layers) == 5
        assert one.runtimes[0].runtime == "ai-edge-litert" and one.runtimes[0].max_px == 0
    assert found["int8"].layers[-1].error > found["float16"].layers[-1].error
    page = write_report(report, tmp_path).read_text()
    assert page.count("<svg") == 4 and "was not written" not in page
    assert "http" not in page.replace("http://www.w3.org/", "") and "<script" not in page
    assert "var(--s0)" in page and "#0a0b0" not in page
    stored = json.loads((tmp_path / "face520_tiny_conversion.json").read_text())
    assert [one["passed"] for one in stored["variants"]] == [True] * len(VARIANTS)


@pytest.mark.slow
def test_old_interpreters_run_them_or_the_report_says_why(report: ConversionReport) -> None:
    pytest.importorskip("tflite_runtime")
    for one in report.variants:
        old = [check for check in one.runtimes if check.runtime == "tflite-runtime"]
        assert len(old) == 3
        for check in old:
            assert check.reason or check.mean_px < 1  # type: ignore[operator]
    runs = {
        one.variant for one in report.variants for c in one.runtimes
        if c.runtime == "tflite-runtime" and not c.reason
    }  # fmt: skip
    assert runs >= {"float32", "float16", "int8", "int8-strict"}


@pytest.mark.slow
def test_a_flipped_bit_is_noticed(files: dict[str, Path], tmp_path: Path) -> None:
    content = bytearray(files["int8"].read_bytes())
    content[len(content) // 3] ^= 1
    damaged = tmp_path / "damaged.tflite"
    damaged.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"damaged\.tflite: damaged"):
        ModelContract.read(damaged)


@pytest.mark.slow
def test_standard_tools_read_the_metadata(files: dict[str, Path]) -> None:
    """MediaPipe's reader, and unzip with the metadata's flatbuffer schema."""
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema
    from mediapipe.tasks.python.metadata.metadata import MetadataDisplayer
    from tensorflow.lite.python import schema_py_generated as lite

    for path in files.values():
        displayer = MetadataDisplayer.with_model_file(str(path))
        shown = json.loads(displayer.get_metadata_json())
        assert shown["name"] == "face520 tiny" and shown["version"] == "0.1.0"
        graph = shown["subgraph_metadata"][0]
        names = [tensor["name"] for tensor in graph["output_tensor_metadata"]]
        options = graph["input_tensor_metadata"][0]["process_units"][0]["options"]
        assert options == {"mean": [127.5], "std": [128.0]}
        assert displayer.get_packed_associated_file_list() == ["face520.json"]
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert json.loads(archive.read("face520.json"))["model_name"] == "tiny"
        model = lite.ModelT.InitFromObj(lite.Model.GetRootAsModel(path.read_bytes(), 0))
        (stored,) = [one for one in model.metadata if one.name == b"TFLITE_METADATA"]
        buffer = bytes(model.buffers[stored.buffer].data)
        assert schema.ModelMetadata.ModelMetadataBufferHasIdentifier(buffer, 0)
        # The n-th name belongs to the n-th output of the graph, whatever order the converter took.
        sizes = [
            int(np.prod(model.subgraphs[0].tensors[i].shape)) for i in model.subgraphs[0].outputs
        ]
        assert names == ["landmarks" if size > 1 else "presence" for size in sizes]


def test_integers_without_faces_say_what_is_needed(network: Network) -> None:
    for variant in ("int8", "int8-strict", "int16x8"):
        with pytest.raises(ConversionError, match="--dataset"):
            convert(network.model, variant, None)


@pytest.mark.slow
@pytest.mark.usefixtures("converted")
def test_a_variant_that_fails_is_not_written(
    trained: TrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        variants_module.LIMITS, "float16", replace(variants_module.LIMITS["float16"], mean_px=-1.0)
    )
    report = export(trained, ["float32", "float16"], ExportOptions(tmp_path), lambda step: None)
    assert [one.passed for one in report.variants] == [True, False] and not report.passed
    assert [path.name for path in tmp_path.iterdir()] == ["face520_tiny_float32.tflite"]
    page = write_report(report, tmp_path).read_text()
    assert "float16 was not written" in page and "px from Keras on average" in page


@pytest.mark.slow
@pytest.mark.usefixtures("converted")
def test_a_full_disk_leaves_no_half_file(trained: TrainedModel, tmp_path: Path) -> None:
    old = tmp_path / "face520_tiny_float32.tflite"
    old.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_disk(step: str) -> None:
        if step == "timing":  # what follows is the writing
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))

    try:
        with pytest.raises(OutputWriteError, match=r"face520_tiny_float32\.tflite: cannot be"):
            export(trained, ["float32"], ExportOptions(tmp_path), fill_disk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == [old] and old.read_bytes() == b"old"


@pytest.mark.parametrize("folder", sorted(RELEASED.iterdir()), ids=lambda path: path.name)
def test_released_files_are_what_their_weights_say(folder: Path, photo: np.ndarray) -> None:
    """The bundled files against the released Keras weights, on crops of the photo."""
    trained = TrainedModel.open(folder)
    size_px = trained.config.input_size_px
    half, int8 = (MODELS / f"face520_{trained.name}_{v}.tflite" for v in ("float16", "int8"))
    with FaceLandmarker.create(int8) as landmarker:
        region = CropRegion.around_landmarks(landmarker.detect(photo)[0].points)
    turned = [replace(region, roll_deg=roll_deg) for roll_deg in (-12, 0, 12)]
    faces = np.stack([one.extract(photo, size_px) for one in turned])
    crops = RepresentativeCrops(faces, np.zeros(3), faces)
    answers = KerasAnswers.of(Network.of(trained), crops)
    assert measure_agreement(int8.read_bytes(), answers).mean_px < 0.5
    assert int8.stat().st_size < 1_400_000
    if trained.name == "main":  # the others are shipped in int8 alone
        assert measure_agreement(half.read_bytes(), answers).max_px < 0.1
        assert int8.stat().st_size < 0.8 * half.stat().st_size
    assert ModelContract.read(int8).model_version == trained.version


@pytest.mark.slow
def test_the_command_makes_the_shipped_file_without_a_dataset(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "conversion", "export", RELEASED / "small", "-o", tmp_path]
    done = subprocess.run(
        [*command, "--variant", "int8"], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert "Distances to Keras over 204 crops" in done.stdout
    assert (tmp_path / "face520_small_conversion.html").is_file()
    name = "face520_small_int8.tflite"
    hashes = [sha256((folder / name).read_bytes()).hexdigest() for folder in (tmp_path, MODELS)]
    assert hashes[0] == hashes[1]
    shown = run_main("conversion", "inspect", tmp_path / name)
    assert shown.returncode == 0 and "landmark_box_square" in shown.stdout


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (("export", "nowhere"), "nowhere: holds neither a training run"),
        (("export", "MODEL"), "pass --dataset"),
        (("export", "MODEL", "--dataset", "nowhere"), "nowhere: no dataset here"),
        (("export", "MODEL", "--variant", "int4"), "float32, float16, dynamic"),
        (("inspect", "none.tflite"), "none.tflite: no such model file"),
    ],
)
def test_mistakes_are_explained_and_exit_2(
    arguments: tuple[str, ...], complaint: str, release_path: Path
) -> None:
    done = run_main("conversion", *[release_path if one == "MODEL" else one for one in arguments])
    assert done.returncode == 2
    assert complaint.lower() in done.stderr.lower()
