"""Two processes on one machine train as one, and a cluster that cannot work says why."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from training.errors import RunError
from training.run.cluster import CLUSTER_VARIABLE, Cluster
from training.run.curves import Curves

SCRIPT = Path(__file__).with_name("tiny_run.py")
REPOSITORY = Path(__file__).parents[3]


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def start_worker(index: int, ports: list[int], *arguments: Path) -> subprocess.Popen[str]:
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    config = {"cluster": cluster, "task": {"type": "worker", "index": index}}
    environment = os.environ | {
        "PYTHONPATH": str(REPOSITORY),
        "TF_CONFIG": json.dumps(config),
        "CUDA_VISIBLE_DEVICES": "",
    }
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.mark.slow
def test_two_workers_go_on_as_one_process_would(
    tiny_dataset: Path, half_run: Path, finished_run: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copytree(half_run, tmp_path / "run"))
    ports = free_ports(2)
    # The second has no run folder: what it needs it is told by the first.
    workers = [
        start_worker(index, ports, tiny_dataset, folder)
        for index, folder in enumerate((path, tmp_path / "nothing"))
    ]
    try:
        outputs = [worker.communicate(timeout=600)[0] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    assert [worker.returncode for worker in workers] == [0, 0], "\n".join(outputs)
    assert not (tmp_path / "nothing").exists()
    one, two = (Curves.read(folder / "curves.csv") for folder in (finished_run, path))
    for name in one.rows[0]:
        np.testing.assert_allclose(two.column(name), one.column(name), rtol=1e-4, err_msg=name)


def join(monkeypatch: pytest.MonkeyPatch, config: object) -> None:
    text = config if isinstance(config, str) else json.dumps(config)
    monkeypatch.setenv(CLUSTER_VARIABLE, text)
    Cluster.join()


def test_no_cluster_without_a_description(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CLUSTER_VARIABLE, raising=False)
    assert Cluster.join() is None


@pytest.mark.parametrize(
    "config, complaint",
    [
        ("{", "does not describe a cluster"),
        ({"cluster": {"worker": ["a:1"]}}, "'task'"),
        (
            {"cluster": {"ps": ["a:1"], "worker": ["b:1"]}, "task": {"type": "ps", "index": 0}},
            "names ps, worker and makes this process a ps",
        ),
    ],
)
def test_a_description_that_is_none_is_answered(
    monkeypatch: pytest.MonkeyPatch, config: object, complaint: str
) -> None:
    with pytest.raises(RunError, match=complaint):
        join(monkeypatch, config)


def test_a_cluster_is_tensorflows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(RunError, match="Unset TF_CONFIG or KERAS_BACKEND"):
        join(monkeypatch, {"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0}})
