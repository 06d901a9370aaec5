"""`face520-convert qat`: fine-tune a trained model with int8 rounding in its graph."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import TextColumn

from edge_runtime.console import err, out, progress_bar
from edge_runtime.errors import Interrupted
from training.keras_backend import load_tensorflow

STATE = TextColumn("{task.fields[state]}")


def qat(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Release or run folder.")],
    dataset: Annotated[
        Path,
        typer.Option("--dataset", metavar="DIR", help="Folder that face520-train dataset wrote."),
    ],
    run: Annotated[Path, typer.Option("--run", metavar="DIR", help="Folder of this training.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted training.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training faces.")] = 2,
) -> None:
    """Quantization-aware training: fine-tune MODEL with the rounding of int8 in its graph.

    The rounded network learns to point where the float one points; labels are not needed. A
    checkpoint and curves.csv are written every 100 steps, --resume goes on to the same curve.

    \b
      face520-convert qat MODEL --dataset DATASET --run RUN
      face520-convert export MODEL --dataset DATASET --qat RUN --variant int8
    """
    load_tensorflow()
    from conversion.qat.folder import QatFolder
    from conversion.qat.run import Progress, QatSettings, train_quantization_aware
    from training.dataset.dataset import Dataset
    from training.run.trained_model import TrainedModel

    trained, faces = TrainedModel.open(model), Dataset.open(dataset)
    with progress_bar(STATE) as bar:
        task = bar.add_task("steps", total=None, state="")

        def show(now: Progress) -> None:
            loss = "" if isnan(now.loss_px) else f"loss {now.loss_px:.3f}, "
            state = f"{loss}{now.val_distance_px:.3f} px to float"
            bar.update(task, completed=now.step, total=now.steps, state=state)
            if now.is_checkpoint and not err.is_terminal:
                err.print(f"step {now.step} of {now.steps}: {state}")

        settings = QatSettings(epochs=epochs)
        try:
            end = train_quantization_aware(trained, faces, QatFolder(run), settings, resume, show)
        except KeyboardInterrupt:
            raise Interrupted("Interrupted; --resume goes on from the last checkpoint.") from None
    out.print(
        f"{run}: best checkpoint {end.best_distance_px:.3f} px from float on held-out faces, in px "
        "of a 120 px crop"
    )
