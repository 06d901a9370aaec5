"""The ranges of an integer file's outputs: faces beyond the calibrated ones are not cut off."""

from __future__ import annotations

import numpy as np
import pytest

from conversion import output_ranges
from conversion.converter import convert
from conversion.equalisation import equalised
from conversion.network import Network
from conversion.output_ranges import LANDMARK_ROOM, LOGIT_LIMIT
from conversion.variant import Variant
from conversion.verification.head_comparison import compare_heads
from conversion.verification.lite_model import LiteModel
from conversion.verification.operator_list import OperatorList
from training.dataset.dataset import Dataset
from training.run.trained_model import TrainedModel


@pytest.mark.slow
@pytest.mark.parametrize(("variant", "levels"), [("int8-strict", 128), ("int16x8", 32768)])
def test_room_moves_the_ends_of_the_range_and_nothing_inside(
    network: Network,
    crops: np.ndarray,
    variant: Variant,
    levels: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calibrated = crops[:8]
    even = equalised(network, calibrated)
    outputs = {}
    for room in (1.0, LANDMARK_ROOM):
        monkeypatch.setattr(output_ranges, "LANDMARK_ROOM", room)
        lite = LiteModel(convert(even.model, variant, calibrated))
        outputs[room] = lite.run(crops)[0]
        # Evened outputs swing from -1 to 1 over the calibrated faces.
        assert np.abs(outputs[room]).max() <= room * 1.01
    inside = np.abs(outputs[1.0]) < 1 - 2 / levels
    assert 0.5 < inside.mean() < 1
    difference = np.abs(outputs[LANDMARK_ROOM] - outputs[1.0])[inside].max()
    assert difference < (LANDMARK_ROOM + 1) / levels * 1.01  # half a step of either
    # Of the faces that were not calibrated on, some leave the range.
    assert np.abs(outputs[LANDMARK_ROOM]).max() > 1.1


@pytest.mark.slow
def test_every_logit_has_its_whole_range(lively_network: Network, crops: np.ndarray) -> None:
    even = equalised(lively_network, crops)
    flatbuffer = convert(even.model, "int8", crops)
    assert OperatorList.read(flatbuffer).float_computations == ()
    lite = LiteModel(flatbuffer, keep_tensors=True)
    logistic = [o for o in lite.interpreter._get_ops_details() if o["op_name"] == "LOGISTIC"]
    assert len(logistic) == 3  # presence, expression, visibility
    for operator in logistic:
        assert _scale(lite, int(operator["inputs"][0])) == pytest.approx(LOGIT_LIMIT / 128)
    expected, found = even.run(crops), lite.run(crops)
    for name, values in zip(("visibility", "expression", "presence"), found[1:], strict=True):
        assert np.abs(values - expected[name]).mean() < 0.1, name


def _scale(lite: LiteModel, index: int) -> float:
    return float(lite.interpreter._get_tensor_details(index, 0)["quantization"][0])


@pytest.mark.slow
def test_every_form_of_the_head_is_the_same_network(trained: TrainedModel, dataset_path) -> None:
    found = {one.head: one for one in compare_heads(trained, Dataset.open(dataset_path))}
    assert list(found) == ["raw", "residual", "standardised", "evened", "float head"]
    # All of them within what int8 does to a tiny network: no form changes what it says.
    assert all(0 < one.mean_px < 2 for one in found.values())
    assert found["float head"].mean_px <= min(one.mean_px for one in found.values()) * 1.5
