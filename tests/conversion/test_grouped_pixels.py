"""The regrouped first convolution: the same integers, fewer places, no other file changed."""

from __future__ import annotations

import numpy as np
import pytest

from conversion.converter import convert
from conversion.equalisation import equalised
from conversion.grouped_pixels import grouped_kernel, with_grouped_pixels
from conversion.network import Network
from conversion.verification.layer_error import layer_errors
from conversion.verification.lite_model import LiteModel, RuntimeChoice
from edge_runtime.network.runtimes import Kernels


def test_every_weight_meets_its_pixel() -> None:
    rng = np.random.default_rng(0)
    kernel, image = rng.integers(-9, 9, (5, 3, 3, 3)), rng.integers(-9, 9, (8, 16, 3))
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    expected = np.array(
        [
            [np.tensordot(kernel, padded[y : y + 3, x : x + 3], 3) for x in range(0, 16, 2)]
            for y in range(0, 8, 2)
        ]
    )
    groups = np.pad(image.reshape(8, 4, 12), ((1, 0), (1, 0), (0, 0)))
    found = np.array(
        [
            [
                np.tensordot(grouped_kernel(kernel), groups[y : y + 3, x : x + 2], 3)
                for x in range(4)
            ]
            for y in range(0, 8, 2)
        ]
    )
    np.testing.assert_array_equal(found.reshape(4, 8, 5), expected)


@pytest.mark.slow
@pytest.mark.parametrize("kernels", ["default", "builtin"])
def test_an_int8_file_answers_with_the_same_bits(
    network: Network, crops: np.ndarray, kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    even = equalised(network, crops[:8])
    grouped = convert(even.model, "int8", crops[:8])
    monkeypatch.setattr("conversion.converter.with_grouped_pixels", lambda file: file)
    plain = convert(even.model, "int8", crops[:8])
    choice = RuntimeChoice(kernels=kernels)
    outputs = [LiteModel(file, choice).run(crops) for file in (plain, grouped)]
    for expected, found in zip(*outputs):
        np.testing.assert_array_equal(found, expected)
    assert with_grouped_pixels(plain) == grouped != plain
    assert with_grouped_pixels(grouped) == grouped
    # The layers of both are held against the same ones in float.
    exact = convert(even.model, "float32", None)
    errors = [layer_errors(file, exact, crops[:1]) for file in (plain, grouped)]
    assert errors[0] == errors[1] != ()


def test_a_float_file_stays_as_it_is(network: Network) -> None:
    exact = convert(network.model, "float32", None)
    assert with_grouped_pixels(exact) == exact
