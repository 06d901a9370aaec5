"""Folders of runs and what they say when their files are strange."""

from pathlib import Path

import numpy as np
import pytest

from training.errors import RunError
from training.network.regressor_config import RegressorConfig
from training.network.standardisation import Standardisation
from training.run.run_folder import RunFolder
from training.run.trained_model import TrainedModel

STRANGE = ('{"name": "main", "mod', "[]", "null", "{}", '{"name": 1}', "\x80")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path)
    run.write("config.json", {"name": "tiny", "model": RegressorConfig().to_json()})
    one = np.ones((520, 3), np.float32)
    run.write("standardisation.json", Standardisation(one, one).to_json())
    run.write("state.json", {"finished_epochs": 3, "best_nme_percent": 4.5})
    return run


def test_a_run_is_a_trained_model(folder: RunFolder) -> None:
    trained = TrainedModel.open(folder.path)
    assert (trained.name, trained.scores) == ("tiny", {"val_nme_percent": 4.5})
    assert folder.last_weights.name == "last-0003.weights.h5"


@pytest.mark.parametrize("content", STRANGE)
@pytest.mark.parametrize("file", ["config.json", "state.json", "standardisation.json"])
def test_a_strange_file_is_named(folder: RunFolder, file: str, content: str) -> None:
    (folder.path / file).write_bytes(content.encode("latin-1"))
    with pytest.raises(RunError, match=rf"{file}: not what `face520-train run` writes"):
        TrainedModel.open(folder.path)
