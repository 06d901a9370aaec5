"""Which model face520-run takes, and that it says so."""

import json

import pytest
from typer.testing import CliRunner

from edge_runtime import FaceLandmarker
from edge_runtime.cli import app
from edge_runtime.network.bundled_model import FLOAT_MODEL_PATH, MODEL_PATH


@pytest.mark.parametrize(
    ("faster", "numbers"), [(MODEL_PATH, "int8"), (FLOAT_MODEL_PATH, "float16")]
)
def test_the_command_says_which_it_took(photo_path, tmp_path, monkeypatch, faster, numbers):
    monkeypatch.setattr("edge_runtime.commands.run.faster_model", lambda: faster)
    done = CliRunner().invoke(app, [str(photo_path), "--output", str(tmp_path), "--style", "none"])
    assert done.exit_code == 0, done.output
    with FaceLandmarker.create(faster) as landmarker:
        name = landmarker.model_name
    assert name.endswith(f" {numbers}") and f"{name}, " in done.output
    assert json.loads((tmp_path / f"{photo_path.stem}.json").read_text())["model"] == name


def test_a_named_model_is_taken_instead(photo_path, tmp_path):
    arguments = [str(photo_path), "--output", str(tmp_path), "--model", "small_int8"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0 and done.output.startswith("small "), done.output
    failed = CliRunner().invoke(app, [*arguments[:-1], "larger_int8"])
    assert str(failed.exception).startswith("larger_int8: no such model file")
