"""Options that several commands have: the face model, and what is said of photos."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FaceModelOption = Annotated[
    Path, typer.Option("--face-model", metavar="NPZ", help="Morphable model (ICT FaceKit).")
]
SourceOption = Annotated[
    str | None, typer.Option("--source", metavar="TEXT", help="Whose photos these are.")
]
LicenceOption = Annotated[
    str | None, typer.Option("--licence", metavar="TEXT", help="What one may do with them.")
]
