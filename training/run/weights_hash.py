"""The hash by which a run or a dataset remembers the weights it was made with."""

from __future__ import annotations

from pathlib import Path

from training.dataset.manifest import file_sha256


def weights_sha256(model: Path) -> str:
    """Of a file (.tflite, .npz), or of a run or release folder's weights.

    Raises TrainedModelError for a folder without a model.
    """
    if model.is_file():
        return file_sha256(model)
    # h5py is not needed for a file.
    from training.run.trained_model import TrainedModel

    return file_sha256(TrainedModel.open(model).weights)
