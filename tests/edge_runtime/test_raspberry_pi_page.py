"""The page for the Raspberry Pi: its unit is one that systemd takes, its command one that runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from edge_runtime.cli import app

PAGE = Path(__file__).parents[2] / "edge_runtime" / "RASPBERRY_PI.md"
ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture
def unit() -> str:
    (found,) = re.findall(r"```ini\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return found


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(unit, tmp_path):
    file = tmp_path / "face520.service"

    def complaints(text: str) -> str:
        file.write_text(text.replace("/opt/face520/bin/face520-run", "/bin/true"))
        done = subprocess.run(
            [ANALYZE, "verify", "--man=no", "--recursive-errors=no", file],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        return done.stdout + done.stderr

    assert "face520.service" not in complaints(unit)
    assert "face520.service" in complaints(unit.replace("RestartSec=", "RestartSeconds="))


def test_the_units_command_runs(unit):
    (line,) = re.findall(r"^ExecStart=\S+/face520-run (.*)$", unit, re.MULTILINE)
    command = typer.main.get_command(app)
    options, extra, _ = command.make_parser(command.context_class(command)).parse_args(line.split())
    assert not extra and options["serve"] and options["camera"] == "0"


def test_the_page_puts_the_unit_where_it_says(unit):
    text = PAGE.read_text(encoding="utf-8")
    for path in ("/etc/face520.env", "/var/lib/face520", "/opt/face520"):
        assert path in unit and "sudo rm -rf" in text and text.count(path) >= 3
    assert "User=face520" in unit and "userdel face520" in text
