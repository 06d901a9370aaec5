import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.model_file import ModelFile, mediapipe_is_installed, released_models
from benchmarks.timing.engine import Engine, EngineOptions
from edge_runtime.detection.blazeface import BLAZEFACE_SHA256
from edge_runtime.errors import InterpreterMissingError
from edge_runtime.network.runtimes import RUNTIMES, installed_runtimes


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("xnnpack", [True, False])
def test_runs_in_every_installed_runtime(blazeface, runtime, xnnpack):
    if runtime not in installed_runtimes():
        pytest.skip(f"{runtime} is not installed")
    engine = Engine(blazeface.path, EngineOptions(runtime, 2, xnnpack))
    engine.check()
    assert engine.options == EngineOptions(runtime, 2, xnnpack)


def test_without_xnnpack_no_operator_is_delegated(blazeface):
    def delegated(xnnpack):
        engine = Engine(blazeface.path, EngineOptions("ai-edge-litert", 1, xnnpack))
        return any(op["op_name"] == "DELEGATE" for op in engine.interpreter._get_ops_details())

    assert delegated(True) and not delegated(False)


def test_unknown_runtime_names_the_known_ones(blazeface):
    with pytest.raises(InterpreterMissingError, match=r"Choose one of ai-edge-litert"):
        Engine(blazeface.path, EngineOptions("onnx"))


def test_damaged_model_names_the_file(tmp_path, blazeface):
    damaged = tmp_path / "cut.tflite"
    damaged.write_bytes(blazeface.path.read_bytes()[:2000])
    with pytest.raises(BenchmarkError, match=r"cut.tflite.*cannot load"):
        Engine(damaged)


def test_no_thread_is_refused(blazeface):
    with pytest.raises(BenchmarkError, match=r"1 or more"):
        Engine(blazeface.path, EngineOptions(threads=0))


def test_models_are_found_by_name_and_by_path(blazeface, main_int8):
    assert main_int8.path.name == "face520_main_int8.tflite"
    assert main_int8 in released_models()
    found = ModelFile.find(str(blazeface.path))
    assert found.name == "blazeface_short_range" and found.sha256 == BLAZEFACE_SHA256


@pytest.mark.skipif(not mediapipe_is_installed(), reason="mediapipe is not installed")
def test_mediapipe_is_found_without_importing_it():
    import sys

    known = set(sys.modules)
    assert ModelFile.find("mediapipe").path.name == "face_landmark.tflite"
    assert "mediapipe" not in set(sys.modules) - known


def test_what_is_no_model_is_refused(tmp_path):
    text = tmp_path / "notes.tflite"
    text.write_text("not a flatbuffer at all")
    with pytest.raises(BenchmarkError, match=r"notes.tflite: not a TensorFlow Lite model"):
        ModelFile.find(str(text))
    with pytest.raises(BenchmarkError, match=r"absent.tflite: no such model.*main_int8"):
        ModelFile.find("absent.tflite")
