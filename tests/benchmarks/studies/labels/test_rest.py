"""What the blendshapes of people are who were asked for a neutral face, and to smile."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.studies.labels import rest
from benchmarks.studies.labels.rest import by_other_half, lines
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.errors import ModelFileError
from edge_runtime.network.bundled_model import bundled_models
from edge_runtime.network.contract import ModelContract
from training.open_faces.resting_faces import NEUTRAL_FACE, at_rest, expression_at_rest
from training.run.scored_model import ScoredModel

UNKNOWN = ("cheekPuff",)


def test_each_half_is_told_by_the_rest_of_the_other() -> None:
    left = BLENDSHAPE_NAMES.index("mouthPressLeft")
    neutral = np.zeros((10, 52), np.float32)
    neutral[::2, left], neutral[1::2, left] = 0.2, 0.4
    neutral[:, BLENDSHAPE_NAMES.index("cheekPuff")] = np.nan
    # Both sides alike: the right one, 0, halves them.
    assert at_rest(neutral[1::2])[left] == at_rest(neutral[1::2])[left + 1] == 0.2
    found = by_other_half(neutral, neutral, UNKNOWN)
    np.testing.assert_allclose(found[::2, left], 0, atol=1e-6)
    np.testing.assert_allclose(found[1::2, left], (0.4 - 0.1) / 0.9, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["large_int8", "main_int8", "main_float16", "small_int8"])
def test_released_models_are_at_rest_where_people_are(name: str) -> None:
    path = bundled_models()[name]
    stored = ModelContract.read(path).expression_at_rest
    assert len(stored) == 52 and max(stored) > 0.1
    model = ScoredModel.open(path)
    assert model.expression is not None
    assert max(expression_at_rest(model.expression, model.input_size_px)) < 0.04


@pytest.mark.slow
def test_a_smile_is_told_from_a_neutral_face() -> None:
    head, network, from_rest, *_ = lines(bundled_models()["main_int8"])
    assert head.split()[:3] == ["at", "rest:", "mean"] and NEUTRAL_FACE.startswith("_")
    before, after = float(network.split()[1]), float(from_rest.split()[2])
    assert after < before / 2 and float(from_rest.split()[-1]) > 0.93


def test_a_model_without_blendshapes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows_points_alone = SimpleNamespace(contract=SimpleNamespace(outputs=("landmarks",)))
    monkeypatch.setattr(rest, "LandmarkModel", lambda path: knows_points_alone)
    with pytest.raises(ModelFileError, match="tells no blendshapes"):
        next(lines(tmp_path / "points.tflite"))


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such model file"):
        next(lines(tmp_path / "none.tflite"))
