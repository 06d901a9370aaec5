"""`face520-train face-model`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge_runtime.console import out


def import_face_kit(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="FaceXModel/ of ICT FaceKit.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="NPZ", help="Face model file to write.")
    ],
) -> None:
    """Turn the official folder of ICT FaceKit into the face model file of the other commands."""
    from training.face.face_kit import FaceKit

    model = FaceKit.read(folder).write(output)
    out.print(
        f"{len(model.identity_modes)} identities, {len(model.expression_modes)} expressions, "
        f"{len(model.neutral)} vertices of the full face"
    )
    out.print(str(output), style="green")
