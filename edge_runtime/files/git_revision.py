"""Which commit of the code is running, for what keeps a record of how it was made."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git_revision(folder: Path = Path(__file__).parent) -> str:
    """Commit of the checkout that runs, "+changes" if files differ from it, or "unknown"."""
    try:
        commit = _git(folder, "rev-parse", "--short=12", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return f"{commit}+changes" if changed else commit


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.strip()
