"""The documents are true where a program can tell: commands parse, links lead somewhere."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer
import typer.core

REPOSITORY = Path(__file__).parents[1]
FOLDERS = (".", "edge_runtime", "edge_runtime/models", "training", "conversion", "benchmarks")
DOCUMENTS = sorted(path for folder in FOLDERS for path in (REPOSITORY / folder).glob("*.md"))
COMMANDS = {
    "face520-run": "edge_runtime.cli",
    "face520-train": "training.cli",
    "face520-convert": "conversion.cli",
    "face520-bench": "benchmarks.cli",
}


def command_lines(path: Path) -> Iterator[str]:
    """Lines of the document's indented blocks, continued ones joined, remarks behind them cut."""
    text = path.read_text().replace("\\\n", " ")
    for line in re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE):
        command = re.split(r" {3,}(?=\S)", re.sub(r" +(?=-)", " ", line))[0]
        if not re.search(r"\.\.\.|\[|'|\"", command):  # shortened, or a shell's business
            yield command


def parse(words: list[str]) -> None:
    """Raises typer's UsageError where the command would refuse these options."""
    app = importlib.import_module(COMMANDS[words[0]]).app
    command, rest = typer.main.get_command(app), words[1:]
    while isinstance(command, typer.core.TyperGroup) and rest and rest[0] in command.commands:
        command, rest = command.commands[rest[0]], rest[1:]
    _, extra, _ = command.make_parser(command.context_class(command)).parse_args(rest)
    assert not extra, extra


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_commands_of_the_documents_parse(path: Path) -> None:
    for line in command_lines(path):
        words = shlex.split(re.sub(r"^([A-Z0-9_]+=\S+ )+", "", line))
        if words[0] in COMMANDS:
            parse(words)
        elif words[:2] == ["python", "-m"]:
            assert find_spec(words[2]) is not None, line
        for file in re.findall(r"tests/\S+\.py", line):
            assert (REPOSITORY / file).is_file(), line


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_between_the_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def scripts_of(path: Path) -> list[str]:
    """The document's blocks of bash."""
    return re.findall(r"^```bash\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)


def stub(folder: Path, name: str, lines: str) -> None:
    (folder / name).write_text(f"#!/bin/bash\n{lines}\n")
    (folder / name).chmod(0o755)


def test_job_arrays_and_clusters_start_what_they_say(tmp_path: Path) -> None:
    """The scripts of YOUR_PHOTOS.md as they stand, SLURM's programs made up."""
    stub(tmp_path, "face520-train", 'echo "$@"; echo "$TF_CONFIG"')
    stub(tmp_path, "scontrol", "printf 'node1\\nnode2\\n'")
    stub(tmp_path, "srun", 'for i in 0 1; do SLURM_PROCID=$i "$@"; done')
    job = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "8", "SLURM_JOB_NODELIST": "node"}
    environment = os.environ | job | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    environment.pop("TF_CONFIG", None)
    said = [
        subprocess.run(
            ["bash", "-euc", script], env=environment, check=True, capture_output=True, text=True
        ).stdout
        for script in scripts_of(REPOSITORY / "training" / "YOUR_PHOTOS.md")
    ]
    built, trained = said
    parse(["face520-train", *built.split("\n")[0].split()])
    assert built.split()[-2:] == ["--shard", "3/8"]
    configs = []
    for command, config in re.findall(r"^(run .*)\n((?:.*\n)*?.*\}\})$", trained, re.MULTILINE):
        parse(["face520-train", *command.split()])
        configs.append(json.loads(config))
    assert [one["task"]["index"] for one in configs] == [0, 1]
    workers = ["node1:2222", "node2:2222"]
    assert [one["cluster"] for one in configs] == [{"worker": workers}] * 2
