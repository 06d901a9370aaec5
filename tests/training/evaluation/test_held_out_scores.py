"""NME of held-out faces in squares that are true, off, or damaged."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from edge_runtime import layout520
from training.cli import app
from training.dataset.dataset import Dataset
from training.evaluation.held_out_scores import SQUARES, HeldOutScores
from training.run.run_folder import RunFolder
from training.run.scored_model import ScoredModel


def constant_model(seen: list[np.ndarray]) -> ScoredModel:
    """Says the mean face in the middle of every crop, which is right in the true square alone."""

    def landmarks(crops: np.ndarray) -> np.ndarray:
        seen.append(crops)
        return np.repeat(layout520().mean_shape[None] * 0.6, len(crops), axis=0)

    return ScoredModel("constant", 48, landmarks, presence=None)


def test_squares_that_are_further_off_cost_more_and_damage_moves_nothing(
    tiny_dataset: Path,
) -> None:
    seen: list[np.ndarray] = []
    scores = HeldOutScores.measure(constant_model(seen), Dataset.open(tiny_dataset)).of_squares
    nme = {name: scores[name].nme_percent.mean() for name in SQUARES}
    assert nme["true square"] < nme["tracked"] < nme["off"] < nme["far off"]
    assert nme["damaged"] == pytest.approx(nme["true square"])
    crops = dict(zip(SQUARES, seen))
    assert not np.array_equal(crops["damaged"], crops["true square"])
    again: list[np.ndarray] = []
    HeldOutScores.measure(constant_model(again), Dataset.open(tiny_dataset))
    np.testing.assert_array_equal(np.stack(seen), np.stack(again))


@pytest.mark.slow
def test_true_squares_score_what_training_said(
    tiny_dataset: Path, finished_run: Path, tmp_path: Path
) -> None:
    target = tmp_path / "scores.json"
    arguments = ["evaluate", str(finished_run), "--held-out", str(tiny_dataset)]
    result = CliRunner().invoke(app, [*arguments, "--json", str(target)])
    assert result.exit_code == 0, result.output
    assert "true square" in result.output and "far off" in result.output
    held_out = json.loads(target.read_text())["held_out"]
    assert list(held_out) == [*SQUARES, "living_face"]
    # All eight faces of the tiny dataset look ahead, so the mean of bins is their mean.
    expected = RunFolder(finished_run).best_nme_percent()
    assert held_out["true square"]["nme_percent"] == pytest.approx(expected, rel=1e-3)
