"""Models cut into operators, and what the cuts tell."""

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.machine_code.arm_code import Block
from benchmarks.model_file import ModelFile
from benchmarks.operators.cut_models import write_prefixes, write_slices
from benchmarks.operators.operator_counts import attribute
from benchmarks.operators.operators import STAGES, read_operators
from benchmarks.timing.engine import Engine


def outputs(path):
    """Of the made-up input, by the names of the tensors."""
    engine = Engine(path)
    engine.check()
    details = engine.interpreter.get_output_details()
    return {one["name"]: engine.interpreter.get_tensor(one["index"]) for one in details}


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """Of a quantized model with padding: itself, its cuts, its operators alone."""
    model = ModelFile.find("small_int8")
    folder = tmp_path_factory.mktemp("cut")
    return model, write_prefixes(model, folder), write_slices(model, folder)


def test_there_is_a_cut_after_each_operator(cut):
    model, prefixes, slices = cut
    operators = read_operators(model).operators
    assert len(prefixes) == len(operators) + 1 and len(slices) == len(operators)
    for length in (1, 2, 3, 30, len(operators)):
        found = read_operators(ModelFile("cut", prefixes[length])).operators
        assert [one.type for one in found] == [one.type for one in operators[:length]]


def test_the_last_cut_gives_what_the_model_gives(cut):
    model, prefixes, _ = cut
    whole, last = outputs(model.path), outputs(prefixes[-1])
    assert len(whole) == len(last) > 1
    by_shape = {value.shape: value for value in last.values()}
    for value in whole.values():
        np.testing.assert_array_equal(value, by_shape[value.shape])


def test_a_model_of_half_precision_keeps_the_weights_that_it_needs(blazeface, tmp_path):
    cuts = write_prefixes(blazeface, tmp_path)
    found = read_operators(ModelFile("cut", cuts[3]))
    whole = read_operators(blazeface)
    assert [one.macs for one in found.operators] == [one.macs for one in whole.operators[:3]]
    # What the cut leaves out lies no longer in the file.
    assert cuts[3].stat().st_size < 0.2 * blazeface.size_bytes
    outputs(cuts[3])


def test_an_operator_alone_has_its_padding_with_it(cut):
    model, _, slices = cut
    operators = read_operators(model).operators
    for index, operator in enumerate(operators):
        assert (slices[index] is None) == (operator.type == "PAD")
        if slices[index] is not None and index < 12:
            found = read_operators(ModelFile("alone", slices[index])).operators
            before = [operators[index - 1].type] if operators[index - 1].type == "PAD" else []
            assert [one.type for one in found] == [*before, operator.type]
            assert found[-1].macs == operator.macs


def test_stages_of_a_network(cut):
    operators = read_operators(cut[0]).operators
    stages = {stage: [one for one in operators if one.stage == stage] for stage in STAGES}
    (first,) = stages["first convolution"]
    assert first is next(one for one in operators if one.type == "CONV_2D")
    assert {one.type for one in stages["depthwise"]} == {"DEPTHWISE_CONV_2D"}
    assert len(stages["pointwise"]) > 5 and len(stages["pad"]) > 1
    # Several outputs, each with operators that the others do without, at the end of the network.
    heads = [one.index for one in stages["head"]]
    assert operators[-1].stage == "head" and min(heads) > max(
        one.index for one in stages["pointwise"]
    )


def test_what_a_later_operator_takes_away_is_its_part():
    call, pad, multiply = (Block(at, (b"\0\0\0\0",) * 10) for at in range(3))
    cuts = [{call: 1}, {call: 1, pad: 50}, {call: 1, multiply: 80}, {call: 2, multiply: 90}]
    padding, convolution, other = attribute(cuts)
    assert padding is None
    assert convolution == {multiply: 80} and other == {call: 1, multiply: 10}


def test_operators_are_timed(main_int8):
    done = CliRunner().invoke(app, ["operators", "small_int8", "--time", "0.01"])
    assert done.exit_code == 0, done.output
    assert "in one piece" in done.output and "G MAC/s" in done.output
    assert "in the next" in done.output and "pointwise" in done.output


def test_an_unknown_core_is_named():
    done = CliRunner().invoke(app, ["operators", "small_int8", "--arm", "cortex-m4"])
    assert done.exit_code == 2 and "cortex-m4" in done.output
