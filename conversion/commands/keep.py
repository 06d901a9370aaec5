"""`face520-convert keep`: a quantization-aware training, small, beside the model it was made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge_runtime.console import out
from training.keras_backend import load_tensorflow


def keep(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Release folder.")],
    qat_run: Annotated[
        Path, typer.Option("--qat", metavar="RUN", help="Its training by `qat`, finished.")
    ],
) -> None:
    """Put the int8 weights and ranges of a training by `qat` beside MODEL, as int8.npz.

    `export MODEL --variant int8` then makes the same file anywhere, without a photo of the dataset.

    \b
      face520-convert qat MODEL --dataset DATASET --run RUN
      face520-convert keep MODEL --qat RUN
      face520-convert export MODEL --variant int8
    """
    load_tensorflow()
    from conversion.qat.folder import QatFolder
    from conversion.qat.kept_weights import keep as keep_weights
    from conversion.qat.run import quantization_aware_network
    from training.run.trained_model import TrainedModel

    trained = TrainedModel.open(model)
    path = keep_weights(trained, quantization_aware_network(trained, QatFolder(qat_run)))
    out.print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
