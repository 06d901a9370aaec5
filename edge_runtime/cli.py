"""`face520-run`: photos, videos and cameras in, landmarks and pictures out."""

from __future__ import annotations

import typer

from edge_runtime.commands.run import HELP, run
from edge_runtime.console import run_app

app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.command(help=HELP)(run)


def main() -> None:
    """Entry point of `face520-run`."""
    run_app(app, "face520-run")
