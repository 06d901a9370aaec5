"""Goes on with a tiny run in a process of its own: python tiny_run.py DATASET RUN [OUTPUTS.npy].

OUTPUTS.npy gets the landmarks that the run's last model predicts on eight crops. TensorFlow is
hidden where Keras runs on another backend.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

if os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
    sys.modules["tensorflow"] = None  # type: ignore[assignment]


def experiment():  # type: ignore[no-untyped-def]
    """Two epochs of one step each, presence and all; a batch norm that sees no batch."""
    from tests.tiny_network import TINY
    from training.experiment import Experiment

    return Experiment(
        name="tiny",
        model=replace(TINY, has_presence=True),
        epochs=2,
        batch_size=24,
        learning_rate=1e-3,
        warmup_epochs=0.0,
        freeze_batch_norm=True,
        negative_share=0.25,
    )


def main(dataset: str, run: str, outputs: str | None = None) -> None:
    from training.keras_backend import load_keras

    load_keras()
    from training.dataset.dataset import Dataset
    from training.run.run_folder import RunFolder
    from training.run.train import train

    folder = RunFolder(Path(run))
    train(experiment(), Dataset.open(Path(dataset)), folder, resume=True, verbose=0)
    if outputs is not None:
        np.save(outputs, landmarks_of(folder))


def landmarks_of(folder):  # type: ignore[no-untyped-def]
    import keras

    from training.network.model import build_model

    model = build_model(experiment().model, keras)
    model.load_weights(folder.last_weights)
    crops = np.random.default_rng(0).uniform(-1, 1, (8, 64, 64, 3)).astype(np.float32)
    return np.asarray(model.predict_on_batch(crops)["landmarks"])


if __name__ == "__main__":
    main(*sys.argv[1:])
