"""The released model's answers, bit for bit; here on whatever machine the tests run."""

import importlib.util
from pathlib import Path

import pytest

specification = importlib.util.spec_from_file_location(
    "golden_outputs", Path(__file__).with_name("golden_outputs.py")
)
golden_outputs = importlib.util.module_from_spec(specification)
specification.loader.exec_module(golden_outputs)


@pytest.mark.parametrize("module", ["ai_edge_litert", "tflite_runtime"])
def test_every_bit_is_as_stored(module):
    # An older interpreter, which most machines lack; LiteRT is what the runtime itself needs.
    if module == "tflite_runtime":
        pytest.importorskip("tflite_runtime.interpreter")
    advice = "for a new model: python tests/arm/golden_outputs.py write"
    assert golden_outputs.check(module) == "", advice


def test_a_difference_is_seen():
    stored = golden_outputs.answers_of("ai_edge_litert")
    changed = stored.copy()
    changed[3, 77] += 1e-3
    assert "values differ" in golden_outputs.difference(changed, stored, 1e-5)
    assert golden_outputs.difference(changed, stored, 1e-2) == ""
