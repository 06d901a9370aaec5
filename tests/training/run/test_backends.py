"""Keras on JAX and PyTorch, without TensorFlow: the same step, the same curve, the same outputs."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.training.run.tiny_run import landmarks_of
from training.run.curves import Curves
from training.run.run_folder import RunFolder

SCRIPT = Path(__file__).with_name("tiny_run.py")
REPOSITORY = Path(__file__).parents[3]


def python(*arguments: str | Path, backend: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)


def weights(path: Path) -> dict[str, np.ndarray]:
    """Arrays of a checkpoint, the optimizer's too."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: (
                found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
            )
        )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_run_of_tensorflow_goes_on_without_it(
    tiny_dataset: Path, half_run: Path, finished_run: Path, tmp_path: Path, backend: str
) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    path = Path(shutil.copytree(half_run, tmp_path / "run"))
    outputs = tmp_path / "outputs.npy"
    result = python(SCRIPT, tiny_dataset, path, outputs, backend=backend)
    assert result.returncode == 0, result.stderr

    # An epoch is one step: its loss is that of the same weights on the same batch.
    ours, theirs = (Curves.read(folder / "curves.csv") for folder in (finished_run, path))
    for name in ours.rows[0]:
        np.testing.assert_allclose(theirs.column(name), ours.column(name), rtol=1e-5, err_msg=name)
    before, expected, after = (
        weights(RunFolder(folder).last_weights) for folder in (half_run, finished_run, path)
    )
    assert set(after) == set(expected)
    steps = []
    for name, value in expected.items():
        if name.startswith("optimizer"):
            margin = 2e-3 * np.abs(value).max(initial=1e-12)  # Adam's moments
        else:
            margin = 5e-5  # a tenth of the step
            if value.ndim == 4:  # a kernel; the batch norm is frozen
                steps.append(np.abs(value - before[name]).max())
        np.testing.assert_allclose(after[name], value, atol=margin, rtol=0, err_msg=name)
    assert min(steps) > 4e-4
    np.testing.assert_allclose(np.load(outputs), landmarks_of(RunFolder(finished_run)), atol=1e-4)


HIDDEN = "import sys; sys.modules['tensorflow'] = None; from training.cli import main; main()"


def test_the_command_needs_no_tensorflow(tmp_path: Path) -> None:
    result = python(
        "-c", HIDDEN, "run", "main", "--dataset", tmp_path, "--run", tmp_path / "run",
        backend="jax",
    )  # fmt: skip
    assert result.returncode == 2
    assert "no dataset here" in result.stderr


def test_a_backend_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = python(
        "-c", HIDDEN, "run", "main", "--dataset", tmp_path, "--run", tmp_path / "run",
        backend="tensorflow",
    )  # fmt: skip
    assert result.returncode == 2
    assert "KERAS_BACKEND is tensorflow" in result.stderr and "there is jax" in result.stderr
