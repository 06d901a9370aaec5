"""`face520-train run`: train an experiment."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from edge_runtime.console import err, out
from edge_runtime.errors import Interrupted
from training.keras_backend import load_keras

HELP = """
Train an experiment of training/experiments/.

The run folder keeps settings, git revision, data hashes, curves.csv and curves.png, the last and
the best weights. Ctrl-C or SIGTERM stops a run; its finished epochs are kept, and the same command
with --resume goes on to the curve that it would have had.

\b
Backend: KERAS_BACKEND=tensorflow, jax or torch; the datasets and the weights are the same for all.
Several machines: TF_CONFIG on each, as training/README.md shows.

\b
Examples:
  face520-train run main_base --dataset DATASET --run runs/base --start mobilenet_v1_050_120.npz
  face520-train run main_base --dataset DATASET --run runs/base --resume
  KERAS_BACKEND=jax face520-train run main --dataset DATASET --run runs/main --start runs/base
"""


def run_experiment(
    experiment: Annotated[str, typer.Argument(help="Name of a file in training/experiments/.")],
    dataset: Annotated[
        Path, typer.Option("--dataset", metavar="DIR", help="Folder that `dataset build` wrote.")
    ],
    run: Annotated[Path, typer.Option("--run", metavar="DIR", help="Folder of this run.")],
    start: Annotated[
        Path | None,
        typer.Option(
            "--start",
            metavar="NPZ|DIR",
            help="Weights to begin with: 3DDFA_V2's MobileNetV1 (.npz), or a run or release "
            "folder, of which a narrower model keeps the strongest channels and a wider one all.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run.")
    ] = False,
) -> None:
    """Train an experiment."""
    load_keras()
    from training.dataset.dataset import Dataset
    from training.experiment import load_experiment
    from training.run.cluster import CLUSTER_VARIABLE
    from training.run.run_folder import RunFolder
    from training.run.train import train

    if CLUSTER_VARIABLE in os.environ:
        err.print(f"{CLUSTER_VARIABLE} is set: waiting for the other workers.")
    settings, folder = load_experiment(experiment), RunFolder(run)
    faces, verbose = Dataset.open(dataset), "auto" if out.is_terminal else 2
    for output in settings.model.further_outputs:
        if output != "presence" and not faces.labels(output):
            err.print(
                f"{dataset}: no held-out face has labels of {output}. That output learns nothing "
                "here and stays what the weights of --start make of it."
            )
    try:
        with _sigterm_as_ctrl_c():
            best = train(settings, faces, folder, start, resume, verbose)
    except KeyboardInterrupt:
        # A worker of a cluster that is not its chief has no run folder.
        if not folder.exists():
            raise
        raise Interrupted(
            f"{run}: stopped after {folder.finished_epochs()} of {settings.epochs} epochs, which "
            "are kept. Give the same command with --resume to go on."
        ) from None
    if best is None:
        out.print("Done; the chief keeps the run folder.")
    else:
        out.print(f"best validation NME {best:.3f} %, weights in {run}")


@contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """Schedulers of clusters end a job by SIGTERM."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
